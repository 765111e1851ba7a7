// stress ROLE: one process of a stress run (roles.hpp). stress.py starts them and connects their pipes.
#include "stress/roles.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

int main(int argc, char** argv) {
    namespace stress = veilsum::stress;
    CLI::App app("One process of a stress run; stress.py starts them all.");
    std::string role, folder;
    stress::parameters given;
    app.add_option("role", role, "setup, aggregator, clients, trustee or referee")->required();
    app.add_option("--folder", folder, "where the run is")->required();
    app.add_option("--clients", given.clients, "on the roster")->required();
    app.add_option("--dimension", given.dimension, "values of an update")->required();
    app.add_option("--modulus", given.modulus, "2048 or 3072 bits")->required();
    app.add_option("--trustee", given.trustee, "whose part is played, if a trustee's");
    app.add_option("--seed", given.seed, "of the plan");
    app.add_option("--planted", given.planted,
                   "sum, counted, refused, silent or trustee: the referee expects otherwise");
    CLI11_PARSE(app, argc, argv);
    given.folder = folder;
    try {
        if (given.clients < stress::stress_plan::least_clients || given.clients > 29'000)
            throw std::runtime_error("clients: from " + std::to_string(stress::stress_plan::least_clients) +
                                     " to 29000");
        if (given.modulus == 2048)
            stress::play<veilsum::paillier::scheme<2048>>(role, given);
        else if (given.modulus == 3072)
            stress::play<veilsum::paillier::scheme<3072>>(role, given);
        else
            throw std::runtime_error("modulus: 2048 or 3072 bits");
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "stress %s: %s\n", role.c_str(), failure.what());
        return 1;
    }
    return 0;
}
