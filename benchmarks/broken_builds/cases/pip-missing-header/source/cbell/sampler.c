#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <qrand.h>

static PyObject *ones(PyObject *self, PyObject *argument)
{
    long shots = PyLong_AsLong(argument), found = 0;
    (void)self;
    if (PyErr_Occurred())
        return NULL;
    for (long shot = 0; shot < shots; shot++)
        found += qrand_uniform() >= 0.5;
    return PyLong_FromLong(found);
}

static PyMethodDef methods[] = {
    {"ones", ones, METH_O, "How many of so many shots of a Bell pair end in 11."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_sampler", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__sampler(void) { return PyModule_Create(&module); }
