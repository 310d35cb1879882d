from .blocks import Document
def render_slides(document: Document) -> str:
    return ""
