// Shows what page_record.js reads and checks, and compares it with what the reader of the page knows. Text
// goes into the page as text nodes only.
"use strict";
(() => {
    // --- Words ---

    const reasons = {
        4: "it arrived outside the opening hours of the round",
        7: "a row commitment is not a valid group element",
        8: "the row commitments are not those that the client signed",
        9: "an audit row commitment is not a valid group element",
        10: "a ciphertext is out of range or shares a factor with the modulus",
        11: "the proof that the client knows what it encrypted does not verify",
        12: "equivocation: the client signed two different contributions to this round",
        103: "a point of the validity proof is not a valid group element",
        104: "a scalar of the validity proof is out of range",
        105: "a ciphertext or Paillier element of the validity proof is out of range or no unit",
        106: "a response for the values lies outside its range",
        107: "a response for the encryption exponents lies outside its range",
        108: "the validity proof's equations of scalars do not hold",
        109: "the row commitments do not hold the values that were proved",
        110: "the proof of range, norm and digits does not hold (its group equations)",
        111: "the ciphertexts do not hold the values of the row commitments",
    };
    const policies = {1: "short", 2: "half", 3: "uniform"};
    const abandonings = {
        1: "given up: fewer than a quorum of the trustees answered",
        2: "given up: what a quorum opened does not open the contributions",
    };
    const mechanisms = {1: "Gaussian, variance", 2: "Laplace, scale"};
    const neighbours = {1: "one client's update becomes zero", 2: "one client's update becomes another"};
    // Of pool changes: look, and what is said of the client.
    const poolChanges = {
        came: ["", change => `enrolled with weight ${change.weight}`],
        returned: ["", change => `returned with weight ${change.weight}`],
        weight: [
            "", change => change.before === change.weight
                              ? `kept weight ${change.weight}`
                              : `changed its weight from ${change.before} to ${change.weight}`
        ],
        left: ["", () => "left"],
        removed: ["unsure", () => "removed by the aggregator"],
    };
    const suites = {
        1: "1, plaintext knowledge: values are not proved to be in range",
        2: "2, validity: every value in its range, ciphertexts and commitments linked",
    };
    const outcomes = {
        holds: {text: "\u2713 holds", look: "good"},
        fails: {text: "\u2717 FAILS", look: "bad"},
        unchecked: {text: "? not checked", look: "unsure"},
    };
    const plural = (count, one, many = one + "s") =>
        `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
    // What would reorder or hide text is spelled out.
    const plain = text => String(text).replace(
        /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
        c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
    function time(seconds) {
        if (seconds > 253402300799n) return `second ${seconds}`;
        return new Date(Number(seconds) * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
    }
    function size(count) {
        const units = ["B", "kB", "MB", "GB", "TB"];
        let unit = 0;
        for (; count >= 1000 && unit < 4; ++unit) count /= 1000;
        return `${unit === 0 ? count : count.toPrecision(3)} ${units[unit]}`;
    }
    const seconds = count =>
        count < 60 ? `${count.toFixed(2)} s`
                   : `${Math.floor(count / 60)} min ${String(Math.round(count % 60)).padStart(2, "0")} s`;

    // --- Building blocks of the page ---

    const byId = id => document.getElementById(id);
    function make(name, properties = {}, ...children) {
        const node = document.createElement(name);
        for (const [key, value] of Object.entries(properties)) {
            if (key === "class")
                node.className = value;
            else
                node.setAttribute(key, value);
        }
        node.append(...children.filter(child => child !== null));
        return node;
    }
    const name = text => make("bdi", {}, plain(text));
    const full = hex => make("span", {class: "hex"}, plain(hex));
    const short = hex =>
        make("span", {class: "hex short", title: hex}, make("span", {class: "first"}, hex.slice(0, 16)),
             make("span", {class: "rest"}, hex.slice(16)));
    const said = (whose = "program") => make("span", {class: "said"}, whose);
    // Figures of the ledger, whole numbers in units of 10^-digits, exactly.
    function decimal(value, digits) {
        const text = value.toString().padStart(digits + 1, "0");
        const fraction = text.slice(-digits).replace(/0+$/, "");
        return text.slice(0, -digits) + (fraction && "." + fraction);
    }
    function facts(...pairs) {
        const list = make("dl");
        for (const pair of pairs)
            if (pair) list.append(make("dt", {}, pair[0]), make("dd", {}, ...pair.slice(1)));
        return list;
    }
    const cell = (label, kind, ...children) => make("td", {class: kind, "data-label": label}, ...children);

    // A table in portions, so that thousands of rows do not stop the browser.
    function longTable(heading, columns, count, row) {
        const body = make("tbody");
        const head =
            make("tr", {}, ...columns.map(([text, kind]) => make("th", {scope: "col", class: kind}, text)));
        const more = make("button", {type: "button"});
        let shown = 0;
        const add = () => {
            const until = Math.min(count, shown === 0 ? 100 : shown + 500);
            for (; shown < until; ++shown) body.append(row(shown));
            more.textContent = `Show more (${(count - shown).toLocaleString("en")} left)`;
            more.hidden = shown === count;
        };
        more.addEventListener("click", add);
        add();
        const table = make("table", {class: "stack"}, make("thead", {}, head), body);
        table.setAttribute("aria-label", heading);
        return make("div", {}, make("h4", {}, heading), make("div", {class: "scroll"}, table), more);
    }

    // --- The checks ---

    const checks = [];
    function report(id, title, outcome, text) {
        checks.push({id, title, outcome, text});
        const look = outcomes[outcome];
        byId("checks").append(
            make("tr", {class: look.look, "data-check": id, "data-outcome": outcome},
                 make("th", {scope: "row"}, make("strong", {}, title.slice(0, title.indexOf(":") + 1)),
                      title.slice(title.indexOf(":") + 1)),
                 make("td", {}, make("span", {class: "outcome " + look.look}, look.text)),
                 make("td", {class: "words"}, plain(text))));
    }

    async function checkTools() {
        const title = "Tools: SHA-256 and Ed25519 give the published answers";
        if (records.hexOf(records.sha256(records.utf8("abc"))) !==
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            return report("tools", title, "fails",
                          "SHA-256 of this page is wrong here; believe nothing below");
        const bytes = records.fromHex;
        const key = bytes(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"); // RFC 8032, 7.1, test 1
        const signature = bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b" +
            "d25bf5f0595bbe24655141438e7a100b");
        const right = await records.verifyEd25519(key, signature, new Uint8Array(0));
        const wrong = await records.verifyEd25519(key, signature, new Uint8Array(1));
        if (typeof right === "string")
            return report("tools", title, "unchecked", "SHA-256 does. Signatures: " + right);
        const good = right === true && wrong === false;
        report("tools", title, good ? "holds" : "fails",
               good ? "both do" : "Ed25519 of this browser is wrong; believe nothing below");
    }

    // Everything that the form compares with, when the checks are done.
    const known = {};

    async function checkAll(statement, log, note, bodies, places, story) {
        const session = story.session;
        const complete = BigInt(log.length) === BigInt(statement.log.bytes);
        await checkTools();

        let title = "Log: every record is intact and holds the hash of the one before";
        const room = 32 * (Math.floor(log.length / 64) + 1);
        const leaves = new Uint8Array(room), hashes = new Uint8Array(room);
        const checked =
            statement.log.unreadable ? null : await records.checkLog(log, leaves, hashes, count => {
                byId("browser").querySelector(".result").textContent =
                    `checking: ${count.toLocaleString("en")} records`;
            });
        if (!checked)
            report("log", title, "unchecked", "there is no log in this page: " + statement.log.unreadable);
        else if (checked.check)
            report("log", title, "fails",
                   `record ${checked.record}: ${checked.text} (check ${checked.check})`);
        else if (checked.records === 0)
            report("log", title, "fails", "the log holds no record");
        else
            report("log", title, "holds",
                   plural(checked.records, "record") +
                       (complete ? "" : "; the log is longer than what this page holds"));
        const intact = checked !== null && !checked.check && checked.records > 0;

        title = "Session: the id is the hash of the first record";
        if (session && checked && checked.records > 0) {
            known.session = records.hexOf(hashes.subarray(0, 32));
            known.aggregator = session.aggregator;
            report("session", title, "holds", known.session);
        } else
            report("session", title, checked ? "fails" : "unchecked", "no readable first record");

        title = "Checkpoint: signed by the key that the first record names";
        let checkpoint = null;
        if (statement.checkpoint.unreadable)
            report("signature", title, "unchecked",
                   "there is no checkpoint in this page: " + statement.checkpoint.unreadable);
        else if (!session)
            report("signature", title, "unchecked", "no readable first record, so no key");
        else {
            try {
                checkpoint = records.parseCheckpoint(note);
                const key = records.fromHex(session.aggregator);
                known.key = key;
                let verdict = await records.checkSignatures(checkpoint, session.origin, key);
                if (verdict.outcome !== "fails" && checkpoint.origin !== session.origin)
                    verdict = {outcome: "fails", text: "its origin is not that of the session"};
                report("signature", title, verdict.outcome, verdict.text);
            } catch (failure) {
                report("signature", title, "fails", failure.message);
            }
        }

        title = "Tree: size and Merkle root of the log are those of the checkpoint";
        if (!checkpoint)
            report("tree", title, "unchecked", "no readable checkpoint");
        else if (!checked || checked.records === 0)
            report("tree", title, "unchecked", "no readable record");
        else if (!complete)
            report("tree", title, "unchecked",
                   `this page holds ${plural(checked.records, "record")} of ${
                       checkpoint.size.toLocaleString("en")}`);
        else if (checkpoint.size > BigInt(checked.records))
            report("tree", title, "fails",
                   `the checkpoint covers ${plural(checkpoint.size, "record")}, the log has ${
                       checked.records.toLocaleString("en")} that check`);
        else {
            const covered = Number(checkpoint.size);
            if (!records.equal(records.rootOf(leaves, 0, covered), checkpoint.root))
                report("tree", title, "fails", "the root is another one");
            else if (covered < checked.records || !intact)
                report(
                    "tree", title, "fails",
                    `the root is right for ${plural(covered, "record")}; nobody has signed for what follows`);
            else
                report("tree", title, "holds",
                       `${plural(covered, "record")}, root ${records.toBase64(checkpoint.root)}`);
        }
        known.leaves = leaves;
        known.records = checked ? checked.records : 0;
        if (complete && known.records > 0) {
            known.root = records.hexOf(records.rootOf(leaves, 0, known.records));
            known.head = records.hexOf(hashes.subarray(32 * known.records - 32, 32 * known.records));
        }
        known.checkpoint = checkpoint;

        title = "Ceremonies and ledger: they are those that the records name";
        if (!session)
            report("bodies", title, "unchecked", "no readable first record");
        else {
            const absent = story.ceremonies.filter(each => !each.there).length +
                           (story.ledger || story.rounds.every(round => /^0*$/.test(round.ledger)) ? 0 : 1);
            const wrong = ({key, body}) =>
                body && (body.key !== key || body.forKey !== key || body.trustees !== body.keys.length);
            if (story.ceremonies.some(wrong))
                report("bodies", title, "fails", "a ceremony is for another key than its record");
            else if (story.strangers > 0)
                report("bodies", title, "fails",
                       `${
                           plural(story.strangers, "body",
                                  "bodies")} in this page that no record names: changed, or put here`);
            else if (story.ceremonies.some(each => each.there && !each.body))
                report("bodies", title, "fails", "a ceremony cannot be read");
            else if (absent > 0)
                report("bodies", title, "unchecked", `${plural(absent, "body", "bodies")} not in this page`);
            else
                report("bodies", title, "holds",
                       `${plural(bodies.length, "body", "bodies")}, each found by its digest`);
        }

        title = "Parties: clients signed their enrolments, trustees each change of the key";
        if (!session)
            report("parties", title, "unchecked", "no readable first record");
        else {
            const parties = await records.checkParties(log, places, story, count => {
                byId("browser").querySelector(".result").textContent =
                    `checking: ${count.toLocaleString("en")} signatures of parties`;
            });
            for (const index of parties.bad)
                story.unsigned.push({index, text: "a signature of it does not verify"});
            report("parties", title, parties.outcome,
                   parties.outcome === "holds" ? plural(parties.count, "signature") : parties.text);
        }

        title = "Story: pool, rosters, draws, rounds, closings, models and keys fit together";
        if (places.length === 0)
            report("story", title, "unchecked", "no readable record");
        else if (story.faults.length === 0 && story.unknown.length > 0)
            report("story", title, "unchecked",
                   `record ${story.unknown[0].index}: ${story.unknown[0].text}` +
                       (story.unknown.length > 1 ? `; ${story.unknown.length - 1} more` : ""));
        else if (story.faults.length === 0)
            report("story", title, "holds",
                   plural(story.rounds.length, "round") +
                       ", each with the roster that follows from the record");
        else
            report("story", title, "fails",
                   `record ${story.faults[0].index}: ${story.faults[0].text}` +
                       (story.faults.length > 1 ? `; ${story.faults.length - 1} more` : ""));

        title = "Statement: the program's figures are those of the records";
        checkStatement(title, statement, story, places.length, complete);
        return checked;
    }

    function checkStatement(title, statement, story, count, complete) {
        if (statement.no_verdict !== undefined || !statement.accepted)
            return report("statement", title, "unchecked", "the program's figures end where it refused");
        const session = story.session || {};
        const pairs = [
            ["session id", statement.session, known.session], ["origin", statement.origin, session.origin],
            ["aggregator's key", statement.aggregator, session.aggregator]
        ];
        if (complete)
            pairs.push(["number of records", statement.records, count],
                       ["root of the log", statement.root, known.root],
                       ["head of the log", statement.head, known.head]);
        const logOnly = statement.level === "log"; // which counts nothing else
        if (complete && !logOnly) {
            pairs.push(
                ["enrolments", statement.enrolments, story.enrolments],
                ["removals", statement.removals, story.removals],
                ["changes of the key", statement.rotations, story.rotations],
                ["rounds with a result", statement.rounds_opened, story.results],
                ["rounds without a result", statement.rounds_without_result, story.below + story.abandoned],
                ["contributions", statement.contributions, story.contributions],
                ["refusals", statement.refusals, story.refusals],
                ["partial decryptions", statement.partial_decryptions, story.partials],
                ["end of the session", statement.ended, story.closed !== null],
                ["models", String(statement.models), String(story.models)]);
            const budget = story.rounds.some(round => !/^0*$/.test(round.ledger));
            if (story.spent !== null || !budget)
                pairs.push([
                    "spent privacy", statement.spent_epsilon_millionths,
                    story.spent === null ? undefined : Number(story.spent)
                ]);
        }
        const differ = pairs.filter(([, theirs, ours]) => theirs !== ours).map(([what]) => what);
        if (differ.length > 0)
            report("statement", title, "fails", "they differ in: " + differ.join(", "));
        else
            report("statement", title, "holds",
                   `${pairs.length} figures` +
                       (!complete ? "; counts were not compared, this page does not hold the whole log"
                        : logOnly ? "; the program counted no others"
                                  : ""));
    }

    function showBrowser() {
        const failed = checks.filter(check => check.outcome === "fails"),
              open = checks.filter(check => check.outcome === "unchecked");
        const held = checks.length - failed.length - open.length;
        const box = byId("browser");
        box.removeAttribute("aria-busy");
        let look = "good", result = `\u2713 all ${checks.length} checks hold`;
        if (failed.length > 0)
            [look, result] = ["bad", `\u2717 ${failed.length} of ${checks.length} checks FAIL`];
        else if (open.length > 0)
            [look, result] =
                ["unsure", `? ${held} of ${checks.length} checks hold, ${open.length} not checked`];
        box.className = "card " + look;
        box.replaceChildren(
            make("h2", {}, "This browser's own check, just now"), make("p", {class: "result"}, result),
            ...failed.map(check => make("p", {}, make("strong", {}, check.title.split(":")[0] + ": "),
                                        plain(check.text))),
            ...open.map(check =>
                            make("p", {}, make("strong", {}, check.title.split(":")[0] + ", not checked: "),
                                 plain(check.text))),
            make(
                "p", {},
                "Of chain, tree, some signatures, rosters and lists only: proofs and sums were not checked here."));
    }

    // --- The program's statement ---

    // Which record the program refused at; step 1 names it by its place only.
    function refusedAt(failure) {
        if (failure.record !== undefined) return failure.record;
        const named = /^record ([0-9]{1,9})$/.exec(failure.place);
        return named ? Number(named[1]) : undefined;
    }

    function showStatement(statement) {
        const box = byId("verdict");
        const written = make(
            "p", {}, `Said by the program audit, ${time(BigInt(statement.written_at))}. Not signed: see `,
            make("a", {href: "#limits"}, "what this page cannot show"), ".");
        const heading = make("h2", {}, "The auditor program's verdict");
        const failure = statement.failure;
        if (statement.no_verdict !== undefined) {
            box.className = "card unsure";
            box.replaceChildren(heading, make("p", {class: "result"}, "? no verdict"),
                                make("p", {}, "The record could not be read: ", plain(statement.no_verdict)),
                                written);
            byId("steps-note").textContent = "No step was made.";
            byId("steps-table").parentElement.hidden = true;
            return;
        }
        const light = statement.level === "light", logOnly = statement.level === "log";
        const limited = light || logOnly;
        box.className = "card " + (failure ? "bad" : limited ? "unsure" : "good");
        box.replaceChildren(heading, make("p", {class: "result"},
                                          failure   ? "\u2717 refused"
                                          : limited ? `\u2713 accepted, ${statement.level} audit`
                                                    : "\u2713 accepted"));
        if (failure) {
            const step = statement.steps[failure.step - 1];
            box.append(facts(
                ["Step", `${failure.step}: ${step ? step.name : ""}`],
                [
                    "Record",
                    refusedAt(failure) === undefined ? "none in particular" : String(refusedAt(failure))
                ],
                [
                    "Reason", plain(`${failure.code}: ${failure.what}`),
                    failure.check ? ` (check ${failure.check})` : "", failure.place ? " at " : "",
                    name(failure.place)
                ],
                [
                    "Culprit",
                    failure.culprit
                        ? name(failure.culprit)
                        : "not known: the stored bytes were changed, or the record asks for what that version does not know"
                ]));
        } else if (light)
            box.append(make("p", {}, "Proofs, ciphertexts and partial decryptions were not checked."));
        else if (logOnly)
            box.append(
                make("p", {}, "Chain, tree and checkpoint only: what the records say was not looked at."));
        if (!failure && !statement.ended)
            box.append(make("p", {}, "The session was not ended: what is recorded so far is right."));
        box.append(written);
        const total = statement.steps.reduce((sum, step) => sum + step.seconds, 0);
        byId("steps-note").textContent = `${
            logOnly ? "Log"
            : light ? "Light"
                    : "Full"} audit, ${
            seconds(total)} in all. These are the program's words; this browser cannot repeat them.`;
        for (const step of statement.steps) {
            const refused = failure && failure.step === step.number;
            const [look, text] = refused ? ["bad", "\u2717 REFUSED"]
                                 : step.checked > 0
                                     ? ["good", "\u2713 ok"]
                                     : ["unsure", failure ? "\u2013 not reached" : "\u2013 nothing to check"];
            byId("steps").append(make("tr", {class: refused ? "bad" : ""},
                                      make("td", {class: "number"}, String(step.number)),
                                      make("th", {scope: "row"}, step.name),
                                      make("td", {class: "number"}, step.checked.toLocaleString("en")),
                                      make("td", {class: "number"}, seconds(step.seconds)),
                                      make("td", {}, make("span", {class: "outcome " + look}, text))));
        }
    }

    // --- The timeline ---

    function event(bad, ...children) {
        const item = make("li", bad ? {class: "bad"} : {}, ...children);
        byId("events").append(item);
        return item;
    }

    function showCeremony(session, ceremony) {
        event(
            false, make("h3", {}, "Ceremony and session opened"),
            make("p", {class: "counts"}, `Key of ${session.bits} bits. `,
                 ceremony
                     ? `${plural(ceremony.trustees, "trustee")}, of whom any ${ceremony.quorum} open a sum.`
                     : "The ceremony is not in this page: trustees and quorum are not shown."),
            make("details", {}, make("summary", {}, "Details"),
                 facts(["Origin", name(session.origin)], ["Session id", full(known.session || "not known")],
                       ["Aggregator's key", full(session.aggregator)], ["Key id", full(session.key)],
                       [
                           "Encryption", `degree ${session.degree}, exponents ${
                                             policies[session.policy] || "of an unknown kind"}`
                       ],
                       ["Ceremony", full(session.ceremony)],
                       ceremony &&
                           [
                               "Epoch",
                               `${ceremony.epoch}` + (ceremony.epoch > 0 ? " (shares were refreshed)" : "")
                           ],
                       ...(ceremony ? ceremony.keys.map((key, i) => [`Trustee ${i + 1}`, full(key)]) : []))));
    }

    // Who of the trustees stays is told by their signing keys.
    function showRotation({index, before, after, approvals}, trouble) {
        const then = before && before.body, now = after.body;
        const here = troubleOf(trouble, index, index);
        const approved = approvals.map(each => each.trustee).join(", ");
        const sameKey = before && before.key === after.key;
        const seat = key => then ? then.keys.indexOf(key) + 1 : 0;
        event(
            here.length > 0, make("h3", {}, "Key changed"), " ",
            make("span", {class: "when"}, `record ${index}`),
            make("p", {class: "counts"},
                 `Approved by ${approvals.length === 1 ? "trustee" : "trustees"} ${approved || "of nobody"}`,
                 then ? ` (of ${then.trustees}, quorum ${then.quorum}). ` : ". ",
                 sameKey ? "The key stays: other shares or other trustees. "
                         : "Rounds from here on use another key. ",
                 now ? `Now ${plural(now.trustees, "trustee")}, of whom any ${now.quorum} open a sum.`
                     : "The new ceremony is not in this page."),
            ...warnings(here),
            make("details", {}, make("summary", {}, "Details"),
                 facts(["Key id", full(after.key)], before && ["Key id before", full(before.key)],
                       ["Ceremony", full(after.digest)], now && ["Epoch", String(now.epoch)],
                       ...(now ? now.keys.map((key, i) => [`Trustee ${i + 1}`, full(key),
                                                           seat(key) ? `, was trustee ${seat(key)}` : ""])
                                                                     : []))));
    }

    // What clients did between two rounds.
    function showPool({changes, size: clients}, trouble) {
        const first = changes[0].index, last = changes[changes.length - 1].index;
        const here = troubleOf(trouble, first, last);
        const where = first === last ? `record ${first}` : `records ${first} to ${last}`;
        const shown = 5;
        const count = kind => changes.filter(each => each.kind === kind).length;
        const counts =
            [
                ["came", "enrolled"], ["returned", "returned"], ["weight", "changed their weight"],
                ["left", "left"], ["removed", "removed by the aggregator"]
            ].map(([kind, text]) => [count(kind), text])
                .filter(([number]) => number > 0);
        const line = change => {
            const [look, text] = poolChanges[change.kind];
            return make("li", {}, "client ", short(change.client), " ",
                        make("span", {class: look && "outcome " + look}, text(change)));
        };
        const details = make("details", {}, make("summary", {}, "Details"));
        details.fill = () => {
            if (details.children.length > 1) return;
            details.append(longTable(
                "Clients, " + where,
                [
                    ["Client", ""], ["What", ""], ["Weight before", "number"], ["Weight", "number"],
                    ["Serial", "number"], ["Record", "number"]
                ],
                changes.length, i => {
                    const each = changes[i];
                    const [look, text] = poolChanges[each.kind];
                    return make(
                        "tr", {}, make("th", {scope: "row"}, short(each.client)),
                        cell("What", "", make("span", {class: look && "outcome " + look}, text(each))),
                        cell("Weight before", "number", each.before ? String(each.before) : "\u2013"),
                        cell("Weight", "number", each.weight ? String(each.weight) : "\u2013"),
                        cell("Serial", "number", each.serial === null ? "\u2013" : String(each.serial)),
                        cell("Record", "number", String(each.index)));
                }));
        };
        details.addEventListener("toggle", () => {
            if (details.open) details.fill();
        });
        event(here.length > 0, make("h3", {}, "Clients"), " ", make("span", {class: "when"}, where),
              make("p", {class: "counts"},
                   counts.map(([number, text]) => `${number.toLocaleString("en")} ${text}`).join(", ") +
                       `. The pool has ${plural(clients, "client")}.`),
              ...warnings(here),
              make("ul", {class: "changes"}, ...changes.slice(0, shown).map(line),
                   changes.length > shown
                       ? make("li", {}, `${plural(changes.length - shown, "more", "more")} under Details`)
                       : null),
              details);
    }

    // How the cohort came about.
    function cohortOf(round) {
        const size = round.roster ? plural(round.roster.size, "client")
                                  : "a roster that does not follow from the record";
        if (round.drawn === 0) return `Whole pool: ${size}.`;
        return `Cohort drawn: ${round.drawn.toLocaleString("en")} of ${
            round.eligible.toLocaleString("en")} clients who could take part${
            round.drawnFrom === null ? "" : `, by the opening of round ${round.drawnFrom}`}.`;
    }
    // What the round spends, in the words of the ledger.
    const spentBy = (round, ledger) =>
        round.entry ? `epsilon ${decimal(round.entry.spent, 6)} of ${decimal(ledger.epsilon, 6)} spent`
                    : null;
    function privacyFacts(round, ledger) {
        const entry = round.entry;
        if (!entry) return /^0*$/.test(round.ledger) ? [] : [["Privacy", "the ledger is not in this page"]];
        const amount =
            entry.denominator === 1n ? String(entry.numerator) : `${entry.numerator}/${entry.denominator}`;
        return [
            [
                "Privacy",
                `${spentBy(round, ledger)}, delta ${decimal(ledger.delta, 18)}; neighbours: ${
                    neighbours[ledger.neighbours] || "of an unknown kind"}`,
                said("ledger")
            ],
            [
                "Noise",
                `${mechanisms[entry.mechanism] || "unknown mechanism,"} ${amount} in all, for at most ${
                    entry.missing} missing and ${entry.colluding} colluding of ${entry.clients} clients`,
                said("ledger")
            ],
            [
                "Cost",
                entry.mechanism === 1 ? `rho ${decimal(entry.cost, 12)}`
                                      : `epsilon ${decimal(entry.cost, 6)}`,
                said("ledger")
            ],
            [
                "",
                "Figures of the ledger are shown as it has them. The browser does not compute them again, and " +
                    "nothing here shows that clients drew the noise."
            ]
        ];
    }

    const whyGivenUp = ({reason, answers, index}) =>
        `${abandonings[reason]} (record ${index}). ` +
        (answers > 0 ? `${plural(answers, "answer")} on the record, so these clients count as opened.`
                     : "Nobody's answer is on the record.");

    function roundState(round) {
        const closing = round.closing;
        if (round.abandoned) return ["unsure", abandonings[round.abandoned.reason]];
        if (!closing) return ["unsure", "not closed when this record ends"];
        if (closing.outcome === 2)
            return ["unsure", `below the minimum cohort of ${round.minimum}: not opened`];
        if (closing.outcome !== 1) return ["bad", "unknown outcome"];
        if (!round.result) return ["unsure", "not opened when this record ends"];
        return ["good", "opened by trustees " + round.result.quorum.join(", ")];
    }

    function clientRows(log, places, round) {
        const spoilt = new Set(round.refusals.filter(each => each.reason === 12).map(each => each.client));
        const rows = round.refusals.map(each => ({...each, outcome: "bad", text: "\u2717 refused"}));
        for (const index of round.contributions) {
            const record = records.decode(log, places[index]);
            if (!spoilt.has(record.client))
                rows.push({
                    client: record.client,
                    received: record.received,
                    index,
                    outcome: "good",
                    text: "\u2713 contributed"
                });
        }
        if (round.closing)
            for (const client of records.decode(log, places[round.closing.index]).silent)
                rows.push({client, index: null, outcome: "unsure", text: "\u2013 silent"});
        return rows;
    }

    function roundDetails(log, places, story, round, sizes) {
        const closing = round.closing, result = round.result;
        const norm = round.flags & 1 ? `at most ${
                                           (Math.sqrt(Number(round.B2)) / 2 ** round.scale)
                                               .toPrecision(6)}, proved (clipped to ${round.clip})`
                                     : `clipped to ${round.clip} by the client, not proved`;
        const part =
            make(
                "div", {},
                facts(["Model", `number ${round.number}`], ["Open", `${time(round.opens)} to ${time(round.closes)}`],
                      closing && ["Closed", time(closing.closed)],
                      [
                          "Cohort", closing ? `${closing.accepted} accepted, at least ${round.minimum} needed`
                                            : `at least ${round.minimum} needed`
                      ],
                      ["Roster from", cohortOf(round)],
                      [
                          "Roster", round.roster ? `${plural(round.roster.size, "client")}, weights ${
                                                       Math.min(...round.roster.values())} to ${
                                                       Math.max(...round.roster.values())}`
                                                 : "not shown: it does not follow from the records"
                      ],
                      round.abandoned && ["Why given up", whyGivenUp(round.abandoned)],
                      [
                          "Key", full(round.key), round.ceremony > 0 && story.ceremonies[round.ceremony]
                              ? `, since record ${story.ceremonies[round.ceremony].index}` : ""
                      ],
                      ...privacyFacts(round, story.ledger),
                      [
                          "Values",
                          `${round.d.toLocaleString("en")} of ${round.b} bits, one unit is 2^-${round.scale}`
                      ],
                      ["Norm", norm], ["Proofs", suites[round.suite] || `suite ${round.suite}, unknown here`],
                      ["Model before", full(round.model)], result && ["Model after", full(result.model)],
                      result && ["Opening", full(result.opening)], result && ["Update", full(result.update)],
                      sizes &&
                          [
                              "Bytes",
                              `contributions ${size(sizes[1])}, partial decryptions ${
                                  size(sizes[2])}, product, opening and model ${size(sizes[3])}`,
                              said()
                          ],
                      ["Records", `${round.index} to ${round.last}`]));
        const rows = clientRows(log, places, round);
        part.append(longTable(
            `Clients of round ${round.round}`,
            [["Client", ""], ["Outcome", ""], ["Weight", "number"], ["Received", ""], ["Record", "number"]],
            rows.length, i => {
                const row = rows[i];
                return make(
                    "tr", {}, make("th", {scope: "row"}, short(row.client)),
                    cell("Outcome", "", make("span", {class: "outcome " + row.outcome}, row.text),
                         row.reason
                             ? `: ${reasons[row.reason] || "for a reason unknown here"} (${row.reason})`
                             : ""),
                    cell("Weight", "number",
                         round.roster && round.roster.has(row.client) ? String(round.roster.get(row.client))
                                                                      : "\u2013"),
                    cell("Received", "", row.received === undefined ? "\u2013" : time(row.received)),
                    cell("Record", "number", row.index === null ? "\u2013" : String(row.index)));
            }));
        if (round.answers.length > 0)
            part.append(longTable(
                `Trustees of round ${round.round}`, [["Trustee", ""], ["Answer", ""], ["Record", "number"]],
                round.answers.length, i => {
                    const each = round.answers[i];
                    const counted = result && result.quorum.includes(each.trustee);
                    return make(
                        "tr", {}, make("th", {scope: "row"}, `Trustee ${each.trustee}`),
                        cell("Answer", "",
                             make("span", {class: "outcome " + (each.right ? "good" : "bad")},
                                  each.right ? "\u2713 given"
                                             : "\u2717 refused: malformed, or its proof does not verify"),
                             counted ? ", used for the opening" : ""),
                        cell("Record", "number", String(each.index)));
                }));
        return part;
    }

    const troubleOf = (trouble, first, last) =>
        trouble.filter(each => each.record >= first && each.record <= last);
    const warnings = here =>
        here.map(each => make("p", {class: "warning"}, `\u2717 record ${each.record}: `, plain(each.text)));

    function showRound(log, places, story, round, sizes, trouble) {
        const [look, state] = roundState(round);
        const closing = round.closing;
        const shown = 5;
        const here = troubleOf(trouble, round.index, round.last);
        const doubts =
            trouble.filter(each => each.spreads && each.record < round.index).map(each => each.spreads);
        const counts = closing ? `${closing.accepted.toLocaleString("en")} contributed, ${
                                     closing.refused.toLocaleString(
                                         "en")} refused, ${closing.silent.toLocaleString("en")} silent`
                               : `${round.contributions.length.toLocaleString("en")} contributed, ${
                                     round.refusals.length.toLocaleString("en")} refused so far`;
        const details = make("details", {class: "round"}, make("summary", {}, "Details"));
        const fill = () => {
            if (details.children.length === 1) details.append(roundDetails(log, places, story, round, sizes));
        };
        details.addEventListener("toggle", () => {
            if (details.open) fill();
        });
        details.fill = fill;
        event(
            here.length > 0 || look === "bad", make("h3", {}, `Round ${round.round}`), " ",
            make("span", {class: "when"}, time(round.opens)),
            make("p", {class: "counts"}, counts, "; ", make("span", {class: "outcome " + look}, state)),
            make("p", {class: "counts"}, cohortOf(round), round.entry ? " Privacy: " : "",
                 spentBy(round, story.ledger), round.entry ? said("ledger") : null),
            make("p", {class: "when"}, `model ${round.number}: `, short(round.model),
                 ...(round.result ? [" became ", short(round.result.model)]
                     : round.abandoned || look === "unsure" && closing ? [" stays"]
                                                                       : [])),
            ...warnings(here), ...doubts.map(each => make("p", {class: "warning"}, "\u2717 " + each)),
            round.refusals.length > 0
                ? make("ul", {class: "refused"},
                       ...round.refusals.slice(0, shown).map(
                           each => make("li", {}, "client ", short(each.client),
                                        ` refused: ${reasons[each.reason] || "for a reason unknown here"} (${
                                            each.reason})`)),
                       round.refusals.length > shown
                           ? make("li", {},
                                  `${plural(round.refusals.length - shown, "more", "more")} under Details`)
                           : null)
                : null,
            details);
        if (here.length > 0) details.open = true;
    }

    function showTimeline(statement, log, places, story, trouble) {
        if (story.session) showCeremony(story.session, story.ceremonies[0].body);
        const sizes = new Map(statement.sizes.map(entry => [entry[0], entry]));
        const portion = 200;
        let shown = 0;
        const rest = byId("more-rounds");
        const last = [];
        const add = () => {
            last.forEach(item => item.remove());
            last.length = 0;
            const until = Math.min(story.timeline.length, shown + portion);
            for (; shown < until; ++shown) {
                const item = story.timeline[shown], {round, rotation, unread} = item;
                if (item.changes) showPool(item, trouble);
                if (unread !== undefined)
                    event(true, make("h3", {}, `Record ${unread}`),
                          ...warnings(troubleOf(trouble, unread, unread)));
                if (rotation) showRotation(rotation, trouble);
                if (round) showRound(log, places, story, round, sizes.get(String(round.round)), trouble);
            }
            rest.replaceChildren();
            if (shown < story.timeline.length) {
                const more = make("button", {type: "button"},
                                  `Show more (${(story.timeline.length - shown).toLocaleString("en")} left)`);
                more.addEventListener("click", add);
                rest.append(more);
                return;
            }
            if (story.closed)
                last.push(
                    event(false, make("h3", {}, "Session closed"),
                          make("p", {class: "counts"},
                               plural(story.closed.files.length, "file") + " lie beside the log."),
                          story.closed.files.length > 0
                              ? facts(...story.closed.files.map(file => [name(file.name), full(file.digest)]))
                              : null));
            last.push(showCheckpoint(statement));
        };
        add();
    }

    function showCheckpoint(statement) {
        const checkpoint = known.checkpoint;
        if (!checkpoint)
            return event(true, make("h3", {}, "Checkpoint"),
                         make("p", {}, "None that can be read",
                              statement.checkpoint.unreadable ? ": " + statement.checkpoint.unreadable : "",
                              "."));
        const verdict = checks.find(check => check.id === "signature");
        const isOurs = line => known.key && line.name === checkpoint.origin &&
                               records.equal(line.id, records.keyId(line.name, 1, known.key));
        const ours = checkpoint.signatures.filter(isOurs),
              others = checkpoint.signatures.filter(line => !isOurs(line));
        const witness = line => line.signature.length === 72
            ? [name(line.name), ` (cosignature of ${time(new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0))}; not checked)`]
            : [name(line.name), " (not checked)"];
        return event(verdict.outcome === "fails", make("h3", {}, "Checkpoint"),
                     make("p", {class: "counts"}, `${plural(checkpoint.size, "record")}. `,
                          ours.length > 0 ? `Aggregator's signature: ${outcomes[verdict.outcome].text}. `
                                          : "No signature by the aggregator. ",
                          others.length > 0 ? `${plural(others.length, "other signature")}, not checked.`
                                            : "No witness has cosigned it."),
                     facts(["Origin", name(checkpoint.origin)],
                           ["Root", full(records.toBase64(checkpoint.root))],
                           ["Root, hexadecimal", full(records.hexOf(checkpoint.root))],
                           ours.length > 0 && ["Signed by", full(records.hexOf(known.key))],
                           ...others.map((line, i) => [`Other signer ${i + 1}`, ...witness(line)])));
    }

    // --- Comparison with what the reader knows ---

    function compareHex(input, output, value, what) {
        const text = input.value.replace(/\s/g, "").toLowerCase();
        if (text === "") return answer_("", "", output);
        if (!/^[0-9a-f]{64}$/.test(text))
            return answer_("unsure", "? 64 hexadecimal digits are needed", output);
        if (!value) return answer_("unsure", "? this page holds none to compare with", output);
        return text === value
                   ? answer_("good", `\u2713 match: this is the ${what}`, output)
                   : answer_("bad", `\u2717 MISMATCH: the ${what} of this record is another`, output);
    }
    function answer_(look, text, output) {
        output.className = look && "outcome " + look;
        output.textContent = text;
        output.style.whiteSpace = "normal";
    }
    async function compareCheckpoint(input, output) {
        const pasted = input.value.replace(/\r/g, "");
        const answer = (look, text) => {
            if (input.value.replace(/\r/g, "") === pasted) answer_(look, text, output);
        };
        if (pasted.trim() === "") return answer("", "");
        let theirs;
        try {
            const note = pasted.replace(/^\n+/, "");
            theirs = note.includes(records.mark)
                         ? records.parseCheckpoint(records.utf8(note.replace(/\n*$/, "\n")))
                         : records.parseTree(note.replace(/\n*$/, "\n"));
        } catch (failure) {
            return answer("unsure", "? " + failure.message);
        }
        if (known.records === 0) return answer("unsure", "? this page holds no record to compare with");
        if (theirs.size > BigInt(known.records)) {
            const whole = checks.some(check => check.id === "tree" && check.outcome === "holds");
            return answer(whole ? "bad" : "unsure",
                          `${whole ? "\u2717 MISMATCH" : "?"}: it covers ${
                              plural(theirs.size, "record")}, more than the ${
                              known.records.toLocaleString(
                                  "en")} here; either this record is older, or records were removed`);
        }
        if (!records.equal(records.rootOf(known.leaves, 0, Number(theirs.size)), theirs.root))
            return answer("bad",
                          `\u2717 MISMATCH: the first ${
                              plural(theirs.size, "record")} here have another root: this is another log`);
        const signed = theirs.signatures && known.key
                           ? await records.checkSignatures(theirs, theirs.origin, known.key)
                           : {text: "its signature was not given"};
        if (signed.outcome === "fails")
            return answer("bad", "\u2717 MISMATCH: the root is right, but " + signed.text);
        const growth = known.records - Number(theirs.size);
        answer("good", `\u2713 match: this log continues that checkpoint${
                           growth > 0 ? ` and has ${plural(growth, "record")} more` : ""}; ${signed.text}`);
    }
    function listen() {
        const session = byId("expected-session"), aggregator = byId("expected-aggregator"),
              checkpoint = byId("expected-checkpoint");
        session.addEventListener(
            "input", () => compareHex(session, byId("answer-session"), known.session, "session id"));
        aggregator.addEventListener("input", () => compareHex(aggregator, byId("answer-aggregator"),
                                                              known.aggregator, "aggregator's key"));
        checkpoint.addEventListener("input", () => compareCheckpoint(checkpoint, byId("answer-checkpoint")));
        byId("expectations").addEventListener("submit", event => event.preventDefault());
        byId("digits").addEventListener("click", () => {
            const on = document.body.classList.toggle("digits");
            byId("digits").setAttribute("aria-pressed", String(on));
        });
        const open = limit => {
            const rounds = document.querySelectorAll("details.round");
            if (rounds.length > limit) return;
            for (const round of rounds) {
                round.fill();
                round.open = true;
            }
        };
        byId("unfold").addEventListener("click", () => open(Infinity));
        // A printed page cannot be opened further; long sessions print their summaries.
        addEventListener("beforeprint", () => {
            open(12);
            document.querySelectorAll("details:not(.round)").forEach(each => {
                if (each.fill) each.fill();
                each.open = true;
            });
        });
    }

    // --- Start ---

    async function start() {
        const statement = JSON.parse(byId("statement").textContent);
        showStatement(statement);
        byId("browser").setAttribute("aria-busy", "true");
        byId("browser").replaceChildren(make("h2", {}, "This browser's own check, just now"),
                                        make("p", {class: "result"}, "checking"));
        const log = records.fromBase64(byId("log").textContent.trim());
        const note = records.fromBase64(byId("checkpoint").textContent.trim());
        const bodies = byId("bodies")
                           .textContent.trim()
                           .split(/\s+/)
                           .filter(text => text !== "")
                           .map(records.fromBase64);
        const places = records.findRecords(log);
        const story = await records.tell(log, places, bodies);
        const checked = await checkAll(statement, log, note, bodies, places, story);
        showBrowser();

        if (story.session) {
            byId("title").replaceChildren(name(story.session.origin));
            byId("subtitle").textContent = `Session ${known.session || "without a readable first record"}`;
        }
        const trouble = [...story.faults, ...story.unsigned].map(
            each => ({record: each.index, text: each.text, spreads: null}));
        if (checked && checked.check)
            trouble.push({
                record: checked.record,
                text: `${checked.text} (check ${checked.check} of the log)`,
                spreads: "after a record that does not check: these are only what the bytes say"
            });
        if (statement.failure && refusedAt(statement.failure) !== undefined)
            trouble.push({
                record: refusedAt(statement.failure),
                text: `the auditor program refused here: ${statement.failure.what}`,
                spreads: "after the record at which the auditor program refused: not audited"
            });
        const lines = [];
        if (!statement.log.unreadable && log.length < statement.log.bytes)
            lines.push(`The log has ${size(statement.log.bytes)}. This page holds its first ${
                plural(places.length, "record")} (${
                size(
                    log.length)}); later ones are neither shown nor checked here. The program's verdict is about the whole log.`);
        if (places.length === 0)
            lines.push(`No record could be read${
                statement.log.unreadable ? ": of the log, " + statement.log.unreadable
                                         : ""}. There is no timeline.`);
        else if (checked && checked.check && !(checked.record < places.length))
            lines.push(`The log can be read up to record ${places.length - 1} only: at record ${
                checked.record} ${checked.text}.`);
        if (lines.length > 0) {
            byId("trouble").hidden = false;
            byId("trouble").append(...lines.map(line => make("p", {class: "card unsure"}, line)));
        }
        showTimeline(statement, log, places, story, trouble);
        listen();
    }

    start().then(
        () => { document.documentElement.dataset.checked = "done"; },
        failure => {
            const box = byId("browser");
            box.className = "card bad";
            box.replaceChildren(
                make("h2", {}, "This browser's own check, just now"),
                make("p", {class: "result"}, "\u2717 the check did not finish"),
                make("p", {}, "Something in this page cannot be read: " + plain(failure && failure.message)));
            document.documentElement.dataset.checked = "broken";
        });
})();
