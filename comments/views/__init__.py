"""What readers do in the conversation: read it, write, take part, and see to their own."""
