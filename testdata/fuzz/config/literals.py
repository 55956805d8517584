# Every form of literal a config may hold.
integers = [0, -7, 1_000, 0x_ff, 0b1010, 0o17, 9223372036854775807]
floats = [1e3, 1E-3, .5, 5., 1_0.5, 0.1 + 0.2, 1e22, 1e16, 123456789012345680.0, 1e15, 1e-4, 1e-5]
extremes = [5e-324, 1.7976931348623157e308, -0.0, 1.0e-7]
constants = (None, True, False)
escapes = 'a\tb\n\x41\u00e9\U0001f600\101\\\'\"\d'
raw = [r'raw\n', R"x\'y", u'plain']
joined = 'one ' "two " \
    'three'
parenthesized = (
    'open-mmlab://'  # a comment between
    'resnet50')
triple = '''first
  "second" line \
continued'''
quotes = ["it's", 'say "hi"', 'both \' and "', 'tab\t', 'nul\x00', 'control\x9f', 'grün']
tuples = (), (1, ), (1, 2), ((1, 2), [3])
empty = dict(a=[], b={}, c=dict(), d=list(), e=tuple())
keys = {'a': 1, 2: 'int', None: 'none', 2.5: 'float', (1, 2): 'tuple'}
one_key = {1: 'a', 1.0: 'b', True: 'c'}
numbers = {1, 2, 3}
formatted = f'{1 + 1} {"a"!r} {3.14159:.2f} {5:03d} {{x}} {"s":>5}|{"s":<5}|{"s":^5}|'
mixed = f'{1e6:g} {0.5:.0%} {[1, (2,)]} {integers[2]}' 'tail' rf'\d{2}'
last, = [1]; semicolon = 2
