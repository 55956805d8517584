model = dict(type=, depth=3)
