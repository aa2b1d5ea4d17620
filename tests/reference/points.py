# SPDX-License-Identifier: Apache-2.0
"""What the scripts that print tables of hard points share: customers and plans at the ends of what there is, and rows."""
import random
import sys

import mpmath as mp

MONTH = mp.mpf("30.4375")
X = [0, 0, 0, 1, 1, 2, 3, 7, 20, 52, 365, 3000, 20000]
AGE = [0, 1, 6, 30, 273, 728, 3652, 70000]
HEADER = ("kind,r,alpha,a,b,x,span_days,age_days,horizon_days,churn_horizon_days,monthly_discount,"
          "log_likelihood,p_alive,churn_prob,expected_purchases,discounted")


class Draw(random.Random):
    def seen(self):
        """x, t_x and T in days."""
        x = self.choice(X)
        age = self.choice([t for t in AGE if t >= x] or AGE)
        if x == 0:
            return 0, 0, age
        return x, self.choice([age, age, min(x, age), self.randint(min(x, age), age)]), age

    def plan(self, i):
        """Horizon and churn horizon in days, discount a month."""
        horizon = self.choice([0, 1, 30, 31, 90, 365, 365, 366, 730])
        discount = self.choice(["0.01", "0.01", "0.2", "0"])
        if i % 7 == 0:
            horizon, discount = self.choice([3652, 70000]), "0"
        return horizon, self.choice([1, 90, 90, 365, 70000]), discount


def months(days):
    """Ends of the months of a horizon, in days, the last one cut."""
    n = int(mp.ceil(days / MONTH))
    return [MONTH * i for i in range(1, n)] + [mp.mpf(days)] if days else []


def discounted(values, discount):
    """The discounted sum of purchases expected by the end of each month."""
    return sum((v - w) / (1 + discount) ** i for i, (v, w) in enumerate(zip(values, [0] + values), 1))


def close(x, y, digits):
    return abs(x - y) <= mp.mpf(10) ** -digits * abs(y)


def print_row(kind, parameters, seen, plan, values):
    """All that a 64-bit double can be held to, and a little more."""
    words = [kind, *parameters, *map(str, (*seen, *plan))]
    print(",".join(words + [mp.nstr(v, 14, min_fixed=-3, max_fixed=6) for v in values]))
    sys.stdout.flush()
