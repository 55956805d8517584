a = 1
model = dict(type="A",
