"""Every sentence of a document, in every language."""
