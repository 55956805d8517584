model = dict(
    type="A",
    neck=[1, 2)
