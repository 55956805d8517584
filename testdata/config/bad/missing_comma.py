model = dict(
    type='A'
    depth=1)
