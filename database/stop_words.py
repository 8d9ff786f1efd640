"""Words that say nothing about what a question is about, folded: Portuguese, Spanish, English."""

from __future__ import annotations

_PORTUGUESE = """
a ao aos aquela aquelas aquele aqueles aquilo as ate cada com como cujo cuja da das de dela dele deles delas do dos
e ela elas ele eles em entre era essa essas esse esses esta estao estas este estes eu foi foram ha isso isto ja la
lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem no nos nossa nosso num numa o onde os ou para
pela pelas pelo pelos por porque qual quais quando quanto quantos quantas que quem se sao seja sem ser sera seu seus
so sobre sua suas tambem te tem ter um uma umas uns voce
"""

_SPANISH = """
a al algo aquel aquella aquellas aquellos aqui asi aun aunque cada como con cual cuales cuando cuanto cuantos cuanta
cuantas de del desde donde dos e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estan estas este
esto estos fue fueron ha han hasta hay la las le les lo los mas me mi mis mucho muy ni no nos o os para pero por
porque que quien quienes se segun ser si sido sin sobre son su sus tambien te tiene todo tu un una unas uno unos y ya yo
"""

_ENGLISH = """
a about an and are as at be been but by can could did do does for from had has have he her his how i if in into is it
its may more most my no nor not of on or our she should so such than that the their them then there these they this
those to was we were what when where which who whom whose why will with would you your
"""

STOP_WORDS = frozenset((_PORTUGUESE + _SPANISH + _ENGLISH).split())
