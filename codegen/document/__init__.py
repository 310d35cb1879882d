"""What a document is made of, whatever its format: blocks, sentences, evidence, drawings."""
