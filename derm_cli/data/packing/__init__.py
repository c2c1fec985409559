"""The packed cache: each photograph decoded and resized once, stored by content as memory-mapped uint8."""
