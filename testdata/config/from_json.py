_base_ = ['bases/data.json']
nested = dict(change=dict(y=_base_.list[0]))
title = _base_.title + '!'
