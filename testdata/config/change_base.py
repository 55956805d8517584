# What _base_ gives is a ConfigDict: attributes, merging updates, copies of what is stored.
_base_ = './inherit.py'
detector = _base_.model
detector.pop('nothing')
detector.backbone.update(dict(type='CSP', frozen=dict(more=1)))
detector['neck'].update(type='New', out=3)
stored = dict(inner=[1])
detector.plain = stored
stored['inner'].append(2)
detector.plain.inner.append(3)
copied = _base_.model.backbone.copy()
copied.type = 'Copied'
_base_.train_pipeline.insert(0, dict(type='First'))
_base_.train_pipeline[1].type = 'Second'
listed = [k for k, v in _base_.default_hooks.items() if 'interval' not in v]
del _base_.env_cfg
unpacked = dict(**_base_.default_hooks.logger)
unpacked['interval'] = 7
model = dict(detector=detector, head=dict(_delete_=True, type='None'))
