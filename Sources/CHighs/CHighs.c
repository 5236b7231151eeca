#include "CHighs.h"
