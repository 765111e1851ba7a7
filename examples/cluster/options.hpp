// What each role is asked to do.
#pragma once

#include <cstdint>
#include <string>

namespace cluster {

// Of everybody who talks to the aggregator.
struct link_options {
    std::string connect;    // "tcp://host:port"
    std::string aggregator; // file `public` of the aggregator: its two keys
    double patience = 10;   // seconds until a request is sent again; doubles each time
    double give_up = 0;     // seconds without an answer after which the role ends; 0: never
    double poll = 0.5;      // seconds between two looks at the record
};

struct aggregator_options {
    std::string folder; // made by `cluster keys aggregator`
    std::string keys;   // folder with the ceremony
    std::string listen;
    std::string clients; // file: who may enrol
    std::string peers;   // file: transport keys of those who may connect
    std::string model;   // binary32 values; empty: `dimension` zeros
    std::string origin = "veilsum.example/cluster";
    std::uint32_t dimension = 0;
    std::uint64_t rounds = 1;
    std::uint64_t enrol_for = 3600; // seconds the first round waits for clients to enrol
    std::uint64_t open_for = 3600;  // seconds a round waits for clients
    std::uint32_t minimum_cohort = 2;
    unsigned value_bits = 16;
    unsigned scale_bits = 12;
    double clip = 7.5;
    double linger = -1; // seconds to serve the record of an ended session; negative: until stopped
};

struct client_options {
    link_options link;
    std::string folder; // made by `cluster keys client`
    std::string key;    // id of the ceremony's key
    std::uint32_t weight = 1;
    std::string roster; // file of clients that a round must have exactly; empty: any
    std::uint32_t minimum_cohort = 2;
    std::string update;
    std::uint64_t random_update = 0;
};

struct trustee_options {
    link_options link;
    std::string folder; // made by `cluster keys trustee`
    std::string keys;   // folder with ceremony and trustee-INDEX
    std::uint32_t index = 0;
};

struct auditor_options {
    link_options link;
    std::string folder; // made by `cluster keys auditor`
};

} // namespace cluster
