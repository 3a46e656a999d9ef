// What a vendor's C++ library does on a bad day; throws.c calls it.
#include <stdexcept>
extern "C" void vendor_sdk_dial() { throw std::runtime_error("the board does not answer"); }
