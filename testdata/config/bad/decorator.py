@x
def f(): pass
