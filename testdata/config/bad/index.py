strides = [8, 16]
last = strides[2]
