from setuptools import Extension, setup

setup(packages=["cbell"], ext_modules=[Extension("cbell._sampler", ["cbell/sampler.c"], libraries=["qrand"])])
