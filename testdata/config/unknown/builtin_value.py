a = dict
