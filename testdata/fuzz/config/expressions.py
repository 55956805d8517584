# What can be calculated, the zoo's arithmetic among it.
base_lr = 0.01
batch = 16
num_classes = 80
strides = [8, 16, 32]
anchors = [[(10, 13), (16, 30)], [(30, 61), (62, 45)], [(116, 90), (156, 198)]]
num_det_layers = len(anchors)
img_scale = (640, 640)  # width, height
mosaic_scale = (img_scale[0] * 2, img_scale[1] * 2)
border = (-img_scale[0] // 2, -img_scale[1] // 2)
loss_weight = 0.05 * (3 / num_det_layers)
loss_cls = 0.5 * (num_classes / 80 * 3 / num_det_layers)
loss_obj = 1.0 * ((img_scale[0] / 640)**2 * 3 / num_det_layers)
warmup = int(3 * 118287 // batch)
memory = 1 << 20
floor = [7 // 2, -7 // 2, 7 // -2, 7 % 3, -7 % 3, 7 % -3, 7.5 // 2, -7.5 % 2, 1.0 // 0.3]
powers = [2**10, 2**-1, 2**0.5, -2**2, (-2)**2, 0**0, 1.5**2]
bits = [-5 >> 1, 6 & 3, 6 | 1, 6 ^ 3, ~5, True + 1, True & False, -True]
compared = [1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, 'a' in 'abc', 4 not in strides, None is None]
ordered = [(1, 2) < (1, 3), 'b' > 'a', [1] == (1, ), 2**53 + 1 == float(2**53)]
chosen = ['one' if batch > 8 else 'two', 0 or 'x', 1 and 2, not 1, 0 and 1 or 3]
sliced = ['abcdef'[1:4], 'abc'[::-1], strides[-2:], strides[:1], img_scale[::-1], strides[5:0:-1]]
scales = [dict(type='Resize', scale=(s, s)) for s in (640, 320, 960)]
pairs = [(i, j) for i in range(3) for j in range(i) if i != 2 or j]
custom_keys = {f'backbone.stage{i}.norm': dict(lr_mult=0.1 * i) for i in range(3)}
custom_keys.update({f'neck.{i}': dict(decay_mult=0.0) for i in range(2)})
joined = [*strides, 64, *(1, 2)]
merged = {**scales[0], 'keep_ratio': True, **dict(type='Other')}
called = dict(type='A', **dict(b=1, c=2))
from_pairs = dict([('a', 1), ['b', 2]], c=3)
functions = [min(3, 1), max(strides), sum(strides), abs(-2.5), round(2.675, 2), round(2.5), round(3.5)]
lists = [sorted([3, 1, 2], reverse=True), list(enumerate('ab', 1)), list(zip(strides, 'abc')), any([])]
texts = ['a,b'.split(','), '-'.join(['x', 'y']), ' s '.strip(), 'a-b'.replace('-', '_'), 'Ab'.lower()]
texts += ['{}/{name}'.format(1, name='n'), str(1.50), str([1, 'a', None]), repr('q')]
