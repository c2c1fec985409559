"""What plugins must keep to: the kit for their authors asks for it, and training before its first step.

Each returns the fault as the end of a sentence, what to do included, and an empty text where there is none.
"""
