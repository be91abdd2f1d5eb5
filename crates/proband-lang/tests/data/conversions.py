"""Conversion factors between units, computed independently with exact fractions.

Definitions: SI brochure, 9th edition (2019); mmHg = 13595.1 kg/m^3 * 9.80665 m/s^2 * 1 mm; the
thermochemical calorie, 4.184 J; the Julian year of 365.25 days, a month its twelfth. Roots are taken
with 80 decimal digits. Python rounds fractions and decimals to the nearest double, ties to even.

python3 conversions.py > conversions.csv      (made with CPython 3.11)
"""
from decimal import Decimal, getcontext
from fractions import Fraction as F
import itertools

getcontext().prec = 80

PREFIX = {"f": F(1, 10**15), "p": F(1, 10**12), "n": F(1, 10**9), "u": F(1, 10**6), "m": F(1, 1000),
          "c": F(1, 100), "d": F(1, 10), "": F(1), "k": F(1000), "M": F(10**6), "G": F(10**9)}

# In kg, m, s, mol, A, K, U.
FAMILIES = {
    "time": {"s": F(1), "ms": F(1, 1000), "min": F(60), "h": F(3600), "day": F(86400), "week": 7 * F(86400),
             "month": F(86400) * F("365.25") / 12, "year": F(86400) * F("365.25"), "365day": 365 * F(86400)},
    "mass": {p + "g": f / 1000 for p, f in PREFIX.items()},
    "amount": {p + "mol": f for p, f in PREFIX.items()},
    "volume": {**{p + "L": f / 1000 for p, f in PREFIX.items()}, "m^3": F(1), "cm^3": F(1, 10**6)},
    "pressure": {"Pa": F(1), "kPa": F(1000), "mmHg": F("13595.1") * F("9.80665") / 1000, "N/m^2": F(1)},
    "energy": {"J": F(1), "kJ": F(1000), "cal": F("4.184"), "kcal": F(4184), "N*m": F(1), "W*h": F(3600)},
    "electric": {"V": F(1), "mV": F(1, 1000), "A*Ohm": F(1), "J/C": F(1), "A/S": F(1), "C/F": F(1), "W/A": F(1)},
    "concentration": {"mg/L": F(1, 1000), "ng/mL": F(1, 10**6), "ug/dL": F(1, 10**5), "g/L": F(1), "kg/m^3": F(1)},
    "molarity": {"M": F(1000), "mM": F(1), "nM": F(1, 10**6), "nmol/L": F(1, 10**6), "umol/dL": F(1, 100)},
    "molar mass": {"kDa": F(1), "g/mol": F(1, 1000), "mg/mmol": F(1, 1000)},
    "clearance": {"L/h": F(1, 1000) / 3600, "mL/min": F(1, 10**6) / 60, "L/day": F(1, 1000) / 86400,
                  "dL/week": F(1, 10**4) / (7 * 86400)},
    "per area": {"mL/min/1.73m^2": F(1, 10**6) / 60 / F("1.73"), "mL/s/m^2": F(1, 10**6), "L/h/m^2": F(1, 1000) / 3600},
    "rate": {"1/min": F(1) / 60, "bpm": F(1) / 60, "Hz": F(1), "1/365day": F(1) / (365 * 86400),
             "1/year": F(1) / (F(86400) * F("365.25"))},
    "number": {"%": F(1, 100), "1": F(1), "cells": F(1), "10^9": F(10**9), "mL/L": F(1, 1000), "%*h/day": F(1, 2400)},
    "count": {"10^9/L": F(10**12), "cells/uL": F(10**9), "1/mL": F(10**6)},
    "insulin": {"mL/uU/min": F(1, 10**6) / (F(1, 10**6) * 60), "1/min/(mU/L)": F(1) / 60 / (F(1, 1000) / F(1, 1000)),  # L/mU = m^3/U
                "L/U/h": F(1, 1000) / 3600},
}
POWERS = [F(3, 4), F(1, 2), F(1, 3), F(7, 5), F(-2), F(61, 1250)]


def root(value, power):
    """value ** power to the nearest double."""
    if power.denominator == 1:
        return float(value ** power.numerator)
    base = Decimal(value.numerator) / Decimal(value.denominator)
    return float(base ** (Decimal(power.numerator) / Decimal(power.denominator)))


print("from,to,numerator,denominator,factor")
for family, units in FAMILIES.items():
    for (a, x), (b, y) in itertools.permutations(units.items(), 2):
        print(f"{a},{b},1,1,{float(x / y).hex()}")
        if "^" not in a + b and family in ("mass", "volume", "time", "clearance", "concentration", "pressure"):
            # A thousandth is the finest root that is exact, and slow enough for one family.
            for power in POWERS + [F(-241, 1000)] * (family == "pressure"):
                print(f"{a},{b},{power.numerator},{power.denominator},{root(x / y, power).hex()}")
