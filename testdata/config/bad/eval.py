a = eval('1')
