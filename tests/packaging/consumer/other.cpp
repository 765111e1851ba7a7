#include <veilsum/veilsum.hpp>

std::string hexadecimal_name() {
    veilsum::secret<veilsum::bytes> hidden(veilsum::bytes{'v', 'e', 'i', 'l', 's', 'u', 'm'});
    return veilsum::to_hex(hidden.expose());
}
