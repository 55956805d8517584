a = ().__class__
