a = ‘abc’
