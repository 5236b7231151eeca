// A target of types only; this file is here because a C target needs a source.
#include "CXGBoost.h"
