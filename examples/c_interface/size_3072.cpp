#include "c_interface/parties_of_size.hpp"

const c_interface::party_maker& c_interface::maker_of_3072() {
    static const maker_of<veilsum::paillier::scheme<3072>> maker;
    return maker;
}
