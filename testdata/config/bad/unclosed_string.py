name = 'abc
b = 1
