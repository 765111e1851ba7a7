// Reads and checks a log and what its records say. Formats: docs/spec/record.md and docs/spec/wire-format.md,
// whose sections are named below. Nothing here knows of the page.
"use strict";
const records = (() => {
    // --- Bytes ---

    const encoder = new TextEncoder();
    const utf8 = text => encoder.encode(text);
    const hexOfByte = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, "0"));
    function hexOf(bytes) {
        let text = "";
        for (let i = 0; i < bytes.length; ++i) text += hexOfByte[bytes[i]];
        return text;
    }
    const fromHex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
    const equal = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);
    const zeros = new Uint8Array(32), noDigest = hexOf(zeros);
    function concat(...parts) {
        const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of parts) {
            all.set(part, at);
            at += part.length;
        }
        return all;
    }
    function bigEndian(size, value) {
        const made = new Uint8Array(size);
        for (let at = size - 1, rest = BigInt(value); at >= 0; --at, rest >>= 8n)
            made[at] = Number(rest & 255n);
        return made;
    }

    // In pieces of whole groups of four characters, so that a large log needs no second copy as text.
    function fromBase64(text) {
        const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
        const out = new Uint8Array(Math.floor(text.length / 4) * 3 - padding);
        const piece = 1 << 18;
        for (let at = 0, to = 0; at < text.length; at += piece) {
            const raw = atob(text.slice(at, at + piece));
            for (let i = 0; i < raw.length; ++i) out[to++] = raw.charCodeAt(i);
        }
        return out;
    }
    const toBase64 = bytes => btoa(String.fromCharCode(...bytes));
    // The one spelling of these bytes; null for any other text.
    function strictBase64(text) {
        try {
            const bytes = fromBase64(text);
            return toBase64(bytes) === text ? bytes : null;
        } catch {
            return null;
        }
    }

    class Malformed extends Error {}

    // wire-primitives, 1 and 2. Numbers of 64 bits are BigInt.
    class Reader {
        constructor(bytes) {
            this.bytes = bytes;
            this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
            this.at = 0;
        }
        take(length) {
            if (length > this.bytes.length - this.at) throw new Malformed("it is too short");
            const start = this.at;
            this.at += length;
            return start;
        }
        u8() { return this.bytes[this.take(1)]; }
        u16() { return this.view.getUint16(this.take(2)); }
        u32() { return this.view.getUint32(this.take(4)); }
        u64() { return this.view.getBigUint64(this.take(8)); }
        f64() { return this.view.getFloat64(this.take(8)); }
        fixed(length) {
            const start = this.take(length);
            return this.bytes.subarray(start, this.at);
        }
        digest() { return hexOf(this.fixed(32)); }
        list(cap, least, item) {
            const count = this.u32();
            if (count > cap || count > (this.bytes.length - this.at) / least)
                throw new Malformed("a list is too long");
            return Array.from({length: count}, () => item());
        }
        var(cap) {
            const length = this.u32();
            if (length > cap) throw new Malformed("a part is too long");
            return this.fixed(length);
        }
        text(cap) {
            try {
                return new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(this.var(cap));
            } catch {
                throw new Malformed("a text is not UTF-8");
            }
        }
        end() {
            if (this.at !== this.bytes.length) throw new Malformed("it is too long");
        }
    }

    // --- SHA-256 (FIPS 180-4), synchronous: a log needs hundreds of thousands of short ones ---

    const roundConstants = (() => {
        const primes = [];
        for (let n = 2; primes.length < 64; ++n)
            if (primes.every(p => n % p !== 0)) primes.push(n);
        // The first 32 bits of the fractional part of the cube root, exactly: floor(cbrt(p 2^96)) mod 2^32.
        return Int32Array.from(primes, p => {
            const target = BigInt(p) << 96n;
            let low = 0n, high = 1n << 36n;
            while (high - low > 1n) {
                const middle = (low + high) >> 1n;
                if (middle ** 3n <= target)
                    low = middle;
                else
                    high = middle;
            }
            return Number(BigInt.asIntN(32, low));
        });
    })();
    const schedule = new Int32Array(64);
    const lastBlocks = new Uint8Array(192);

    function compress(state, bytes, at) {
        const w = schedule;
        for (let i = 0; i < 16; ++i, at += 4)
            w[i] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
        for (let i = 16; i < 64; ++i) {
            const x = w[i - 15], y = w[i - 2];
            const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
            const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1 | 0;
        }
        let [a, b, c, d, e, f, g, h] = state;
        for (let i = 0; i < 64; ++i) {
            const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
            const t1 = h + s1 + (e & f ^ ~e & g) + roundConstants[i] + w[i] | 0;
            const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
            const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
            h = g;
            g = f;
            f = e;
            e = d + t1 | 0;
            d = c;
            c = b;
            b = a;
            a = t1 + t2 | 0;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    // Of prefix || bytes; the prefix is shorter than a block.
    function sha256(bytes, prefix = []) {
        const state = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                                    0x1f83d9ab, 0x5be0cd19);
        const total = prefix.length + bytes.length;
        let at = 0;
        lastBlocks.fill(0);
        lastBlocks.set(prefix);
        let filled = prefix.length;
        if (filled > 0 && total >= 64) {
            at = 64 - filled;
            lastBlocks.set(bytes.subarray(0, at), filled);
            compress(state, lastBlocks, 0);
            lastBlocks.fill(0);
            filled = 0;
        }
        if (filled === 0)
            for (; bytes.length - at >= 64; at += 64) compress(state, bytes, at);
        lastBlocks.set(bytes.subarray(at), filled);
        filled += bytes.length - at;
        lastBlocks[filled] = 0x80;
        const end = filled + 9 > 64 ? 128 : 64;
        const view = new DataView(lastBlocks.buffer);
        view.setUint32(end - 8, Math.floor(total / 0x20000000));
        view.setUint32(end - 4, total << 3 >>> 0);
        for (let block = 0; block < end; block += 64) compress(state, lastBlocks, block);
        const out = new Uint8Array(32);
        const words = new DataView(out.buffer);
        state.forEach((word, i) => words.setInt32(4 * i, word));
        return out;
    }

    // --- Merkle tree (record, 3) over `leaves`, 32 bytes each ---

    function rootOf(leaves, first, count) {
        if (count === 0) return sha256(new Uint8Array(0));
        if (count === 1) return leaves.subarray(32 * first, 32 * first + 32);
        let left = 1;
        while (2 * left < count) left *= 2;
        const both = new Uint8Array(64);
        both.set(rootOf(leaves, first, left));
        both.set(rootOf(leaves, first + left, count - left), 32);
        return sha256(both, [1]);
    }

    // --- Ed25519 by the browser ---

    // true, false, or a text: why it could not be checked.
    async function verifyEd25519(key, signature, message) {
        const subtle = globalThis.crypto && globalThis.crypto.subtle;
        if (!subtle) return "this browser offers no WebCrypto to this page";
        try {
            const imported = await subtle.importKey("raw", key, {name: "Ed25519"}, false, ["verify"]);
            return await subtle.verify({name: "Ed25519"}, imported, signature, message) === true;
        } catch (failure) {
            return "this browser has no Ed25519 (" + String(failure && failure.name) + ")";
        }
    }

    // --- Log file (record, 7) ---

    const fileMagic = utf8("VSUMLOG1"), recordMagic = utf8("VLOG");
    const maxRecord = 52 + (1 << 20);

    // Where the records lie, for as long as they can be told apart. Nothing else is checked here.
    function findRecords(log) {
        const found = [];
        const view = new DataView(log.buffer, log.byteOffset, log.length);
        if (!equal(log.subarray(0, 8), fileMagic)) return found;
        for (let at = 8; log.length - at >= 4;) {
            const length = view.getUint32(at);
            if (length < 52 || length > maxRecord || log.length - at - 12 < length) break;
            if (!equal(log.subarray(at + 4, at + 8), recordMagic) || view.getUint32(at + 52) !== length - 52)
                break;
            found.push({at: at + 4, length});
            at += length + 12;
        }
        return found;
    }

    // The seven checks. `leaves` and `hashes` get 32 bytes for each record that passes all of them.
    async function checkLog(log, leaves, hashes, tell) {
        const view = new DataView(log.buffer, log.byteOffset, log.length);
        const fails = (record, check, text) => ({records: record, record, check, text});
        if (log.length < 8 && equal(log, fileMagic.subarray(0, log.length)))
            return fails(0, 7, "the file ends in its first bytes");
        if (!equal(log.subarray(0, 8), fileMagic)) return fails(0, 1, "this is no log file");
        let previous = zeros;
        let index = 0;
        let pause = performance.now() + 50;
        for (let at = 8; at < log.length; ++index) {
            const left = log.length - at;
            if (left < 4) return fails(index, 7, "the file ends inside the record");
            const length = view.getUint32(at);
            if (length < 52 || length > maxRecord)
                return fails(index, 2, "the length of the frame is impossible");
            if (left < 56) return fails(index, 7, "the file ends inside the record");
            if (!equal(log.subarray(at + 4, at + 8), recordMagic))
                return fails(index, 3, "the record does not begin as one");
            if (view.getUint32(at + 52) !== length - 52)
                return fails(index, 3, "lengths of frame and record differ");
            if (view.getBigUint64(at + 12) !== BigInt(index))
                return fails(index, 4, "the sequence number is not the position");
            if (!equal(log.subarray(at + 20, at + 52), previous))
                return fails(index, 5, "the hash of the record before is another");
            if (left < length + 12) return fails(index, 7, "the file ends inside the record");
            const record = log.subarray(at + 4, at + 4 + length);
            previous = sha256(record);
            if (!equal(log.subarray(at + 4 + length, at + 12 + length), previous.subarray(0, 8)))
                return fails(index, 6, "the record does not fit its own check");
            hashes.set(previous, 32 * index);
            leaves.set(sha256(record, [0]), 32 * index);
            at += length + 12;
            if (performance.now() > pause) {
                tell(index + 1);
                await new Promise(resume => setTimeout(resume));
                pause = performance.now() + 50;
            }
        }
        return {records: index};
    }

    // --- Records (wire-format, 2 to 10), their bodies ---

    const contributionHeader = r => {
        const header = {round: r.u64(), client: r.digest()};
        r.fixed(64);
        header.body = r.digest();
        r.fixed(64);
        return header;
    };
    const answer = r => {
        const made = {round: r.u64(), trustee: r.u16(), body: r.digest()};
        r.fixed(64);
        return made;
    };
    const decoders = {
        1: r => ({
            nonce: r.digest(),
            bits: r.u32(),
            degree: r.u16(),
            policy: r.u8(),
            ceremony: r.digest(),
            key: r.digest(),
            aggregator: r.digest(),
            origin: r.text(128),
        }),
        2: r => ({
            round: r.u64(),
            model: r.digest(),
            scale: r.u8(),
            clip: r.f64(),
            nbits: r.u32(),
            b: r.u32(),
            m: r.u32(),
            wmax: r.u32(),
            d: r.u32(),
            C: r.u32(),
            flags: r.u32(),
            a: r.u32(),
            md: r.u32(),
            B2: BigInt("0x" + r.digest()),
            suite: r.u16(),
            suiteVersion: r.u16(),
            minimum: r.u32(),
            roster: r.digest(),
            opens: r.u64(),
            closes: r.u64(),
            key: r.digest(),
            number: r.u32(),
            drawn: r.u32(),
            ledger: r.digest(),
        }),
        3: r => ({...contributionHeader(r), received: r.u64()}),
        4: r => ({...contributionHeader(r), received: r.u64(), reason: r.u16()}),
        5: r => ({
            round: r.u64(),
            closed: r.u64(),
            outcome: r.u8(),
            accepted: r.list(29000, 32, () => r.digest()),
            refused: r.list(29000, 32, () => r.digest()),
            silent: r.list(29000, 32, () => r.digest()),
            aggregate: r.digest(),
        }),
        6: answer,
        7: answer,
        8: r => ({
            round: r.u64(),
            quorum: r.list(64, 2, () => r.u16()),
            opening: r.digest(),
            update: r.digest(),
            model: r.digest(),
        }),
        9: r => ({files: r.list(64, 36, () => ({name: r.text(64), digest: r.digest()}))}),
        10: r => ({client: r.digest(), weight: r.u32(), serial: r.u64(), signature: r.fixed(64)}),
        11: r => ({client: r.digest()}),
        12: r => ({
            ceremony: r.digest(),
            key: r.digest(),
            approvals: r.list(64, 66, () => ({trustee: r.u16(), signature: r.fixed(64)})),
        }),
        13: r => {
            const made = {round: r.u64(), reason: r.u8()};
            if (made.reason !== 1 && made.reason !== 2)
                throw new Malformed("the round is given up for no known reason");
            return made;
        },
    };

    function decode(log, place) {
        const r = new Reader(log.subarray(place.at, place.at + place.length));
        r.fixed(4);
        const type = r.u16(), version = r.u16();
        r.fixed(44);
        if (version !== 1 || !decoders[type])
            throw new Malformed(`type ${type}, version ${version} is not known here`);
        const made = decoders[type](r);
        r.end();
        return {type, ...made};
    }

    function frameBody(bytes, type, version) {
        const r = new Reader(bytes);
        if (!equal(r.fixed(4), utf8("VSUM")) || r.u16() !== type || r.u16() !== version)
            throw new Malformed("it is another kind of message");
        const body = r.var(bytes.length);
        r.end();
        return body;
    }
    function decodeCeremony(bytes) {
        const r = new Reader(frameBody(bytes, 8, 2));
        r.fixed(32);
        const key = r.var(1 << 20);
        r.var(1 << 20);
        const v = new Reader(frameBody(r.var(1 << 20), 3, 2));
        const made =
            {key: hexOf(sha256(key)), forKey: v.digest(), quorum: v.u16(), trustees: v.u16(), epoch: v.u16()};
        made.keys = r.list(64, 32, () => r.digest());
        r.list(64, 64, () => r.fixed(64));
        r.end();
        return made;
    }
    // privacy, 8. The figures are read, not computed.
    const ledgerHead = 12 + 53, ledgerEntry = 67, mostEntries = 16384;
    function decodeLedger(bytes) {
        const r = new Reader(frameBody(bytes, 24, 1));
        const made = {scope: r.digest(), neighbours: r.u8(), epsilon: r.u64(), delta: r.u64()};
        made.entries = r.list(mostEntries, ledgerEntry, () => ({
                                                            round: r.u64(),
                                                            mechanism: r.u8(),
                                                            numerator: r.u64(),
                                                            denominator: r.u64(),
                                                            clients: r.u32(),
                                                            missing: r.u32(),
                                                            colluding: r.u32(),
                                                            dimension: r.u32(),
                                                            tail: r.u16(),
                                                            B2: r.u64(),
                                                            cost: r.u64(),
                                                            spent: r.u64(),
                                                        }));
        r.end();
        return made;
    }
    // The ledger of an earlier round is the last one cut after `count` entries: its digest.
    function digestOfBeginning(ledger, count) {
        const cut = ledger.slice(0, ledgerHead + ledgerEntry * count);
        cut.set(bigEndian(4, cut.length - 12), 8);
        cut.set(bigEndian(4, count), ledgerHead - 4);
        return hexOf(sha256(cut));
    }

    // --- Checkpoint (record, 4 and 5) ---

    const mark = "\u2014 ";
    function parseCheckpoint(bytes) {
        let note;
        try {
            note = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(bytes);
        } catch {
            throw new Malformed("the checkpoint is not UTF-8");
        }
        if (/[\u0000-\u0009\u000b-\u001f]/.test(note))
            throw new Malformed("the checkpoint holds control characters");
        const blank = note.lastIndexOf("\n\n");
        if (blank < 0 || !note.endsWith("\n")) throw new Malformed("the checkpoint is not a signed note");
        const text = note.slice(0, blank + 1);
        const lines = note.slice(blank + 2, -1).split("\n");
        if (lines.length > 100) throw new Malformed("the checkpoint has too many signature lines");
        const signatures = lines.map(line => {
            const space = line.indexOf(" ", mark.length);
            const blob =
                line.startsWith(mark) && space > mark.length ? strictBase64(line.slice(space + 1)) : null;
            if (!blob || blob.length < 5)
                throw new Malformed("a signature line of the checkpoint is not one");
            return {
                name: line.slice(mark.length, space),
                id: blob.subarray(0, 4),
                signature: blob.subarray(4)
            };
        });
        return {text, signatures, ...parseTree(text)};
    }
    function parseTree(text) {
        const [origin, size, root, ...rest] = text.split("\n");
        const digest = root === undefined ? null : strictBase64(root);
        if (!origin || !/^(0|[1-9][0-9]{0,19})$/.test(size || "") || !digest || digest.length !== 32 ||
            rest.join("") !== "" || rest.length > 1)
            throw new Malformed("the checkpoint does not consist of origin, size and root");
        return {origin, size: BigInt(size), root: digest};
    }
    function keyId(name, type, key) { return sha256(concat(utf8(name + "\n"), [type], key)).subarray(0, 4); }
    // Every line by this key must verify, and there must be one. {outcome, text}
    async function checkSignatures(note, origin, key) {
        const id = keyId(origin, 1, key);
        const ours = note.signatures.filter(line => line.name === origin && equal(line.id, id));
        if (ours.length === 0) return {outcome: "fails", text: "no signature by the aggregator's key"};
        for (const line of ours) {
            const verdict =
                line.signature.length === 64 && await verifyEd25519(key, line.signature, utf8(note.text));
            if (typeof verdict === "string") return {outcome: "unchecked", text: verdict};
            if (!verdict) return {outcome: "fails", text: "the aggregator's signature does not verify"};
        }
        return {outcome: "holds", text: "signed by the aggregator's key"};
    }

    // --- The pool and the rosters that follow from it (wire-format, 4) ---

    const mostClients = 29000, mostModels = 16;
    const drawLabel = utf8("veilsum/aggregation/v1/draw");
    // A draw needs a hash for each client that could be drawn; a page makes so many in all.
    const mostTickets = 1000000;

    class Pool {
        constructor() {
            this.clients = new Map(); // everybody who ever enrolled
            this.size = 0;
            this.whole = null; // the roster of everybody, until somebody comes or goes
            this.ticketsLeft = mostTickets;
        }
        // What a client's enrolment changes; faults are told and change what can be changed.
        enrol(record, index, fault) {
            const at = this.clients.get(record.client) ||
                       {id: fromHex(record.client), serial: 0n, weight: 0, since: 0};
            this.clients.set(record.client, at);
            const before = at.weight;
            if (record.serial !== at.serial) fault(`the serial of the enrolment is not ${at.serial}`);
            if (record.weight === 0 && before === 0) fault("a client leaves that is not in the pool");
            if (before === 0 && record.weight > 0 && this.size >= mostClients)
                fault("the pool holds more clients than it may");
            const kind = record.weight === 0 ? "left"
                         : before > 0        ? "weight"
                         : at.serial > 0n    ? "returned"
                                             : "came";
            ++at.serial;
            at.weight = record.weight;
            if (before === 0 && record.weight > 0) at.since = index;
            this.size += (record.weight > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
            this.whole = null;
            return {kind, client: record.client, before, weight: record.weight, serial: record.serial, index};
        }
        remove(record, index, fault) {
            const at = this.clients.get(record.client);
            const before = at ? at.weight : 0;
            if (before === 0)
                fault("a client is removed that is not in the pool");
            else {
                at.weight = 0;
                --this.size;
                this.whole = null;
            }
            return {kind: "removed", client: record.client, before, weight: 0, serial: null, index};
        }
        everybody() {
            if (!this.whole) this.whole = roster([...this.clients].filter(([, at]) => at.weight > 0));
            return this.whole;
        }
        // null: there are too many tickets for a page. `eligible` is how many could be drawn.
        draw(session, by, round, count) {
            const eligible = [...this.clients].filter(([, at]) => at.weight > 0 && at.since < by.openedAt);
            if (eligible.length < count) return {eligible: eligible.length, roster: null};
            this.ticketsLeft -= eligible.length;
            if (this.ticketsLeft < 0) return null;
            const text = concat(drawLabel, fromHex(session), fromHex(by.opening), bigEndian(8, round), zeros);
            const tickets = eligible.map(entry => {
                text.set(entry[1].id, text.length - 32);
                const ticket = sha256(text), view = new DataView(ticket.buffer);
                // The first 52 bits decide, but for a tie that nobody will see.
                return {front: view.getUint32(0) * 2 ** 20 + (view.getUint32(4) >>> 12), ticket, entry};
            });
            tickets.sort((a, b) => a.front - b.front || (hexOf(a.ticket) < hexOf(b.ticket) ? -1 : 1));
            return {
                eligible: eligible.length,
                roster: roster(tickets.slice(0, count).map(each => each.entry))
            };
        }
    }
    // Members by client, in the order of their ids, and the digest of the body that holds them.
    function roster(entries) {
        entries.sort((a, b) => a[0] < b[0] ? -1 : 1);
        const body = new Uint8Array(4 + 36 * entries.length);
        body.set(bigEndian(4, entries.length));
        entries.forEach(([client, at], i) => {
            body.set(at.id, 4 + 36 * i);
            body.set(bigEndian(4, at.weight), 36 + 36 * i);
        });
        return {
            members: new Map(entries.map(([client, at]) => [client, at.weight])),
            digest: hexOf(sha256(body)),
        };
    }

    // --- The story that the records tell, and whether it hangs together ---

    // So many bytes of ledgers a page hashes; with more, the later ones are not looked at.
    const mostLedgerBytes = 1 << 26;

    async function tell(log, places, bodies) {
        const story = {
            session: null,
            id: null,       // of the session
            ceremonies: [], // the first and those of key changes; the last is in force
            timeline:
                [],     // what to show, in order: {changes, size} of the pool, {rotation}, {round}, {unread}
            signed: [], // signatures of clients and trustees, for checkParties
            rounds: [],
            models: [], // digests by number, as the last results left them
            ledger: null,
            closed: null,
            faults: [],
            unsigned: [], // records with a signature that does not verify, by checkParties' answer
            unknown: [],  // what could not be looked at, and why
            results: 0,
            below: 0,
            abandoned: 0,
            enrolments: 0,
            removals: 0,
            rotations: 0,
            contributions: 0,
            refusals: 0,
            partials: 0,
            spent: null, // of the privacy budget, in millionths
        };
        const digests = new Map(bodies.map(bytes => [hexOf(sha256(bytes)), bytes]));
        const named = new Set();
        const fault = (index, text) => story.faults.push({index, text});
        const body = (index, digest, read) => {
            named.add(digest);
            if (!digests.has(digest)) return null;
            try {
                return read(digests.get(digest));
            } catch (failure) {
                fault(index, "a body that it names cannot be read: " + failure.message);
                return null;
            }
        };
        const ceremony = (record, index) => {
            const made = {
                digest: record.ceremony,
                key: record.key,
                index,
                body: body(index, record.ceremony, decodeCeremony),
                there: digests.has(record.ceremony)
            };
            story.ceremonies.push(made);
            return made;
        };
        const read = index => {
            try {
                return decode(log, places[index]);
            } catch (failure) {
                if (!(failure instanceof Malformed)) throw failure;
                return failure;
            }
        };
        const hashOf = index => {
            const place = places[index];
            return sha256(log.subarray(place.at, place.at + place.length));
        };

        // The ledger of the last round that has one; those before are its beginnings.
        let ledgerBytes = null, ledgerBudget = mostLedgerBytes;
        for (let index = places.length - 1; index >= 0 && ledgerBytes === null; --index) {
            if (log[places[index].at + 5] !== 2) continue;
            const record = read(index);
            if (record instanceof Malformed || record.ledger === noDigest) continue;
            story.ledger = body(index, record.ledger, decodeLedger);
            if (!story.ledger) break;
            ledgerBytes = digests.get(record.ledger);
        }

        const pool = new Pool();
        let round = null, phase = "start", drawnBy = null;
        let pause = performance.now() + 50;
        const between = change => {
            let last = story.timeline[story.timeline.length - 1];
            if (!last || !last.changes) story.timeline.push(last = {changes: []});
            last.changes.push(change);
            last.size = pool.size;
        };

        const checkOpening = (record, index) => {
            const faulty = text => fault(index, text);
            const next = BigInt(story.rounds.length + 1);
            if (record.round !== next) faulty(`the round's number is not ${next}`);
            if (record.number > story.models.length || record.number >= mostModels)
                faulty("its model number comes before its turn");
            else if (record.number === story.models.length)
                story.models.push(record.model);
            else if (story.models[record.number] !== record.model)
                faulty("its model is not the one that its number had reached");
            const inForce = story.ceremonies.length - 1;
            if (inForce >= 0 && story.ceremonies[inForce].key !== record.key)
                faulty("its key is not the session's");

            let follows = null, eligible = pool.size;
            if (record.drawn === 0)
                follows = pool.everybody();
            else if (!drawnBy)
                faulty("its cohort is drawn, and there is no result to draw it from");
            else {
                const draw = pool.draw(story.id, drawnBy, record.round, record.drawn);
                if (!draw)
                    story.unknown.push({index, text: "its draw was not made again: too many tickets"});
                else if (!draw.roster)
                    faulty(`its cohort is drawn from ${draw.eligible} clients, fewer than it has`);
                else
                    follows = draw.roster;
                if (draw) eligible = draw.eligible;
            }
            const right = follows !== null && follows.digest === record.roster;
            if (follows && !right)
                faulty(record.drawn ? "its cohort is not the one that is drawn from the record"
                                    : "its roster is not the pool");
            return {
                ...record,
                index,
                roster: right ? follows.members : null,
                eligible,
                drawnFrom: record.drawn > 0 && drawnBy ? drawnBy.round : null,
                ceremony: inForce,
                entry: checkLedger(record, index, right ? follows.members : null),
                contributions: [],
                refusals: [],
                answers: [],
                closing: null,
                result: null,
                abandoned: null,
                last: index,
            };
        };
        // The round's entry of the ledger; null: there is none, or it is not in this page. Its figures are
        // compared with the round and not computed again.
        const checkLedger = (record, index, members) => {
            const faulty = text => fault(index, text);
            const has = record.ledger !== noDigest;
            if (story.rounds.length > 0 && (story.rounds[0].ledger !== noDigest) !== has)
                faulty("the session has a privacy budget from its first round on or not at all");
            if (!has) return null;
            const count = story.rounds.length + 1;
            if (!ledgerBytes || (ledgerBudget -= ledgerHead + ledgerEntry * count) < 0) {
                story.unknown.push({
                    index,
                    text: ledgerBytes ? "too many ledgers" : "its privacy ledger is not in this page"
                });
                story.spent = null;
                return null;
            }
            if (count > story.ledger.entries.length ||
                digestOfBeginning(ledgerBytes, count) !== record.ledger) {
                faulty("its privacy ledger is not the beginning of the later one");
                return null;
            }
            const entry = story.ledger.entries[count - 1];
            if (story.ledger.scope !== story.id) faulty("its privacy ledger is another session's");
            if (entry.round !== record.round) faulty("its privacy ledger names another round");
            if (entry.dimension !== record.d) faulty("its privacy ledger is for another number of values");
            if (members && entry.clients !== members.size)
                faulty("its privacy ledger is for another number of clients");
            if (members && [...members.values()].some(weight => weight !== 1))
                faulty("a client of a round with a privacy budget has another weight than 1");
            if (record.minimum < entry.clients - entry.missing)
                faulty("its minimum cohort is below what the noise was planned for");
            if (entry.spent > story.ledger.epsilon) faulty("more than the privacy budget is spent");
            story.spent = entry.spent;
            return entry;
        };

        for (let index = 0; index < places.length; ++index) {
            if (performance.now() > pause) {
                await new Promise(resume => setTimeout(resume));
                pause = performance.now() + 50;
            }
            const record = read(index);
            if (record instanceof Malformed) {
                fault(index, "it cannot be read: " + record.message);
                if (round && (phase === "collecting" || phase === "opening"))
                    round.last = index;
                else
                    story.timeline.push({unread: index});
                continue;
            }
            const faulty = text => fault(index, text);
            const expects = (...phases) => {
                if (!phases.includes(phase)) faulty("it is out of turn");
            };
            if (record.type === 1) {
                expects("start");
                phase = "between";
                if (story.session) continue;
                story.session = record;
                story.id = hexOf(hashOf(index));
                ceremony(record, index);
                continue;
            }
            if (record.type === 10) {
                expects("between");
                ++story.enrolments;
                between(pool.enrol(record, index, faulty));
                story.signed.push({index, enrolment: true});
                continue;
            }
            if (record.type === 11) {
                expects("between");
                ++story.removals;
                between(pool.remove(record, index, faulty));
                continue;
            }
            if (record.type === 12) {
                expects("between");
                ++story.rotations;
                const before = story.ceremonies[story.ceremonies.length - 1] || null;
                checkApprovals(before, record, faulty);
                const after = ceremony(record, index);
                story.timeline.push({rotation: {index, before, after, approvals: record.approvals}});
                story.signed.push({index, enrolment: false, by: before});
                continue;
            }
            if (record.type === 2) {
                expects("between");
                round = checkOpening(record, index);
                story.rounds.push(round);
                story.timeline.push({round});
                phase = "collecting";
                continue;
            }
            if (record.type === 9) {
                expects("between");
                phase = "ended";
                story.closed = {...record, index};
                continue;
            }
            const phaseOf = {
                3: "collecting",
                4: "collecting",
                5: "collecting",
                6: "opening",
                7: "opening",
                8: "opening",
                13: "opening"
            };
            expects(phaseOf[record.type]);
            if (record.type === 3) ++story.contributions;
            if (record.type === 4) ++story.refusals;
            if (record.type === 6) ++story.partials;
            if (!round) continue;
            if (record.round !== round.round) faulty("it names another round");
            round.last = index;
            if (record.type === 3) round.contributions.push(index);
            if (record.type === 4)
                round.refusals.push(
                    {client: record.client, reason: record.reason, received: record.received, index});
            if (record.type === 6 || record.type === 7)
                round.answers.push({trustee: record.trustee, right: record.type === 6, index});
            if (record.type === 5) {
                round.closing = {
                    closed: record.closed,
                    outcome: record.outcome,
                    aggregate: record.aggregate,
                    index,
                    accepted: record.accepted.length,
                    refused: record.refused.length,
                    silent: record.silent.length,
                };
                checkClosing(log, places, round, record, faulty);
                if (record.outcome === 2) ++story.below;
                phase = record.outcome === 1 ? "opening" : "between";
            }
            const given = new Set(round.answers.filter(each => each.right).map(each => each.trustee));
            if (record.type === 8) {
                round.result = {...record, index};
                ++story.results;
                if (round.number < story.models.length) story.models[round.number] = record.model;
                drawnBy = {opening: record.opening, openedAt: round.index, round: round.round};
                if (!record.quorum.every(trustee => given.has(trustee)))
                    faulty("its quorum names a trustee that gave no answer");
                phase = "between";
            }
            if (record.type === 13) {
                round.abandoned = {reason: record.reason, index, answers: given.size};
                ++story.abandoned;
                const inForce = story.ceremonies[round.ceremony];
                if (inForce && inForce.body && (given.size < inForce.body.quorum) !== (record.reason === 1))
                    faulty("the round is given up for another reason than its answers show");
                phase = "between";
            }
        }
        if (places.length > 0 && phase === "start") fault(0, "it does not open a session");
        story.strangers = [...digests.keys()].filter(digest => !named.has(digest)).length;
        return story;
    }

    // wire-format, 3.1, without the signatures.
    function checkApprovals(before, record, fault) {
        if (record.approvals.some((each, i) =>
                                      each.trustee <= (i === 0 ? 0 : record.approvals[i - 1].trustee)))
            fault("the trustees that approve are not in rising order");
        if (!before || !before.body) return;
        if (record.approvals.some(each => each.trustee > before.body.trustees))
            fault("a trustee approves that does not exist");
        if (record.approvals.length < before.body.quorum)
            fault("fewer than a quorum of the trustees approve the change of the key");
    }

    // --- Signatures of clients and trustees (wire-primitives, 5) ---

    const signedBytes = (label, ...parts) => concat(bigEndian(8, label.length), utf8(label), ...parts);
    // A page checks so many.
    const mostSignatures = 50000;

    // Of every enrolment and every approval of a key. {outcome, text, count, bad: records}
    async function checkParties(log, places, story, progress) {
        const jobs = [];
        let unknown = "";
        for (const {index, enrolment, by} of story.signed) {
            const record = decode(log, places[index]);
            if (enrolment) {
                const message = signedBytes("veilsum/aggregation/v1/enrolment", fromHex(story.id || noDigest),
                                            fromHex(record.client), bigEndian(4, record.weight),
                                            bigEndian(8, record.serial));
                jobs.push({index, key: fromHex(record.client), signature: record.signature, message});
                continue;
            }
            if (!by || !by.body) {
                unknown = "the keys of the trustees that approve are not in this page";
                continue;
            }
            const head = log.subarray(places[index].at + 16, places[index].at + 48);
            const message = signedBytes("veilsum/aggregation/v1/rotation", fromHex(story.id || noDigest),
                                        head, fromHex(record.ceremony));
            for (const {trustee, signature} of record.approvals) {
                const key = by.body.keys[trustee - 1];
                if (key) jobs.push({index, key: fromHex(key), signature, message});
            }
        }
        if (jobs.length > mostSignatures) unknown = `only the first ${mostSignatures} were`;
        const bad = new Set();
        const portion = 256;
        for (let at = 0; at < Math.min(jobs.length, mostSignatures); at += portion) {
            const some = jobs.slice(at, Math.min(at + portion, mostSignatures));
            const verdicts =
                await Promise.all(some.map(job => verifyEd25519(job.key, job.signature, job.message)));
            const unable = verdicts.find(verdict => typeof verdict === "string");
            if (unable !== undefined) return {outcome: "unchecked", text: unable, bad: [...bad]};
            verdicts.forEach((verdict, i) => {
                if (!verdict) bad.add(some[i].index);
            });
            progress(at + some.length);
        }
        const list = [...bad];
        if (list.length > 0)
            return {outcome: "fails", text: `record ${list[0]}: a signature does not verify`, bad: list};
        if (unknown) return {outcome: "unchecked", text: unknown, bad: list};
        return {outcome: "holds", text: "", count: jobs.length, bad: list};
    }

    function checkClosing(log, places, round, closing, fault) {
        const spoilt = new Set(round.refusals.filter(each => each.reason === 12).map(each => each.client));
        const sent = round.contributions.map(index => decode(log, places[index]).client);
        if (new Set(sent).size !== sent.length) fault("a client has two contributions in this round");
        const accepted = sent.filter(client => !spoilt.has(client));
        const refused = round.refusals.map(each => each.client).sort();
        if (new Set(refused).size !== refused.length) fault("a client was refused twice in this round");
        const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);
        if (!same(accepted, closing.accepted))
            fault("its list of accepted clients is not that of the contributions");
        if (!same(refused, closing.refused)) fault("its list of refused clients is not that of the refusals");
        if (round.roster) {
            const seen = new Set([...accepted, ...refused]);
            const silent = [...round.roster.keys()].filter(client => !seen.has(client)).sort();
            if (!same(silent, closing.silent))
                fault("its list of silent clients is not the rest of the roster");
        }
        if (closing.outcome !== (accepted.length >= round.minimum ? 1 : 2))
            fault("its outcome does not follow from the minimum cohort");
    }

    return {
        utf8,
        hexOf,
        equal,
        fromHex,
        fromBase64,
        toBase64,
        sha256,
        rootOf,
        verifyEd25519,
        findRecords,
        checkLog,
        decode,
        mark,
        parseCheckpoint,
        parseTree,
        keyId,
        checkSignatures,
        tell,
        checkParties,
    };
})();
