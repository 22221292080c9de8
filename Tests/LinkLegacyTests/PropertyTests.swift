import Glibc
import KenterProtocol
import Testing

/// The rules of legacy links once more, said as differently from the plugin's code as they can be: for every variable,
/// the condition under which it must be there.
enum RestatedRules {
    struct Source {
        var ip: String
        var ports: [(number: Int, transport: String)]
        /// As configured: `NAME=VALUE`, or what is skipped.
        var env: [String]
    }

    struct Options {
        var isOld = false
        var env = "all"
        var allow: [String] = []
        var deny: [String] = []
        var usesName = false
    }

    struct Expected: Equatable {
        var variables: [String: String]
        var withheld: [String]
        var secrets: Set<String>
    }

    static func plan(alias: String, consumer: String, source: Source, _ options: Options) -> Expected {
        var prefix = ""
        for character in alias { prefix += character == "-" ? "_" : String(character).uppercased() }
        let old = options.isOld
        let address = options.usesName ? alias : source.ip
        var result = ["\(prefix)_NAME": "/" + consumer + "/" + alias]
        func url(_ number: Int, _ transport: String) -> String { transport + "://" + address + ":" + String(number) }
        for (number, transport) in source.ports {
            let name = "\(prefix)_PORT_\(number)_\(transport.uppercased())"
            result[name] = url(number, transport)
            result[name + "_ADDR"] = address
            result[name + "_PORT"] = String(number)
            result[name + "_PROTO"] = transport
            let numbers = Set(source.ports.filter { $0.transport == transport }.map(\.number))
            // A run starts where the number before is missing, and ends before the next missing one.
            guard !numbers.contains(number - 1) else { continue }
            let end = (number...).first { !numbers.contains($0 + 1) } ?? number
            guard end - number >= (old ? 2 : 1) else { continue }
            result[name + "_START"] = url(number, transport)
            result[name + "_PORT_START"] = String(number)
            result[name + "_END"] = url(end, transport)
            result[name + "_PORT_END"] = String(end)
        }
        let first = source.ports.min { left, right in
            let (leftRank, rightRank) = (rank(left, old), rank(right, old))
            return leftRank.lexicographicallyPrecedes(rightRank)
        }
        if let first { result["\(prefix)_PORT"] = url(first.number, first.transport) }
        let (passed, withheld) = inheritance(source.env, options)
        for (name, value) in passed { result[prefix + "_ENV_" + name] = value }
        let secrets = passed.filter { looksSecret($0.key, $0.value) }.map { prefix + "_ENV_" + $0.key }
        return Expected(variables: result, withheld: withheld, secrets: Set(secrets))
    }

    static func rank(_ port: (number: Int, transport: String), _ old: Bool) -> [Int] {
        let transport = ["tcp": 0, "sctp": 1, "udp": 2][port.transport] ?? 9
        return old ? [port.number, transport] : [transport, port.number]
    }

    private static func inheritance(_ env: [String], _ options: Options) -> ([String: String], withheld: [String]) {
        var values: [String: String] = [:]
        var names: [String] = []
        for entry in env {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !["", "HOME", "PATH"].contains(parts[0]) else { continue }
            if values.updateValue(parts[1], forKey: parts[0]) == nil { names.append(parts[0]) }
        }
        func passes(_ name: String) -> Bool {
            func isIn(_ patterns: [String]) -> Bool { patterns.contains { fnmatch($0, name, 0) == 0 } }
            if options.env == "none" || isIn(options.deny) { return false }
            if options.env == "safe", looksSecret(name, values[name] ?? "") { return false }
            return options.allow.isEmpty || isIn(options.allow)
        }
        return (values.filter { passes($0.key) }, names.filter { !passes($0) })
    }

    private static func looksSecret(_ name: String, _ value: String) -> Bool {
        let patterns = [
            "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*SECRET*", "*TOKEN*", "*KEY*", "*CREDENTIAL*", "*PRIVATE*",
            "*_PASS", "*_PWD", "*_AUTH",
        ]
        if patterns.contains(where: { fnmatch($0, name.uppercased(), 0) == 0 }) { return true }
        // What follows "://" up to the host names a user and a password.
        return value.split(separator: "://", omittingEmptySubsequences: false).dropFirst().contains { rest in
            let host = rest.split(omittingEmptySubsequences: false) { "/?#".contains($0) }.first ?? ""
            let user = host.split(separator: "@", omittingEmptySubsequences: false).dropLast().joined(separator: "@")
            return user.contains(":")
        }
    }

    /// Where a variable stands: by kind, then by port in their order, then by what it says of the port.
    static func place(
        _ name: String, alias: String, ports: [(number: Int, transport: String)], env: [String], old: Bool
    )
        -> [Int]
    {
        let rest = String(name.dropFirst(alias.count + 1))
        if rest == "PORT" { return [0] }
        if rest == "NAME" { return [3] }
        if rest.hasPrefix("ENV_") {
            let own = "\(rest.dropFirst(4))="
            return [4, env.firstIndex { $0.hasPrefix(own) } ?? -1]
        }
        let parts = rest.split(separator: "_").map(String.init)
        let ordered = ports.sorted { rank($0, old).lexicographicallyPrecedes(rank($1, old)) }
        let port = ordered.firstIndex { String($0.number) == parts[1] && $0.transport.uppercased() == parts[2] } ?? -1
        let ending = parts.dropFirst(3).joined(separator: "_")
        let places = ["", "ADDR", "PORT", "PROTO", "START", "PORT_START", "END", "PORT_END"]
        let place = places.firstIndex(of: ending) ?? -1
        return [place < 4 ? 1 : 2, port, place]
    }
}

/// A small generator of its own, so that a seed means the same links for ever (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func word(of characters: String, length: ClosedRange<Int>) -> String {
        let characters = Array(characters)
        return String((0..<Int.random(in: length, using: &self)).map { _ in characters[below(characters.count)] })
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

struct PropertyTests {
    private struct Case {
        var source: RestatedRules.Source
        var alias: String
        var consumer: String
        var options = RestatedRules.Options()

        init(_ random: inout SeededGenerator) {
            let letters = "abcXYZ019"
            alias = random.word(of: letters, length: 1...1) + random.word(of: letters + "-._", length: 0...12)
            consumer = random.word(of: letters, length: 1...8)
            options.isOld = random.below(2) == 0
            options.env = ["all", "all", "safe", "none"][random.below(4)]
            options.usesName = random.below(4) == 0
            if random.below(3) == 0 { options.allow = Self.patterns(&random) }
            if random.below(3) == 0 { options.deny = Self.patterns(&random) }
            let base = [1, 70, 1000, 65_500][random.below(4)]
            var ports: [String: (Int, String)] = [:]
            for _ in 0..<random.below(14) {
                let number = base + random.below(12)
                let transport = ["tcp", "udp", "sctp"][random.below(3)]
                ports["\(number)/\(transport)"] = (number, transport)
            }
            let env = (0..<random.below(8)).map { _ in Self.entry(&random) }
            source = .init(ip: "10.\(random.below(256)).0.\(random.below(256))", ports: Array(ports.values), env: env)
        }

        private static func patterns(_ random: inout SeededGenerator) -> [String] {
            (0...random.below(2)).map { _ in random.word(of: "AB*?_", length: 1...5) }
        }

        /// Names that are often the same, sometimes secret; values of any kind; sometimes no variable at all.
        private static func entry(_ random: inout SeededGenerator) -> String {
            let words = ["HOME", "PATH", "api_token", "MONKEY", "DB_PASS", "PASSAGE", "Secretary", ""]
            let name = random.below(4) == 0 ? words[random.below(8)] : random.word(of: "ABab_.-1", length: 1...3)
            if random.below(10) == 0 { return name }
            if random.below(6) == 0 {
                let urls = [
                    "pg://u:p@h/d", "http://h:80/a@b", "x=redis://:p@h", "http://u@h/:", "http://a/?u=ftp://u:p@h",
                ]
                return "\(name)=\(urls[random.below(5)])"
            }
            return "\(name)=\(random.word(of: "=ab \n\té\"\\", length: 0...8))"
        }

        var request: ProviderLinkPlan {
            var texts: [String: String] = [:]
            if options.isOld { texts["rules"] = "v27" }
            if options.env != "all" { texts["env"] = options.env }
            if options.usesName { texts["address"] = "name" }
            if !options.allow.isEmpty { texts["allow"] = options.allow.joined(separator: ":") }
            if !options.deny.isEmpty { texts["deny"] = options.deny.joined(separator: ":") }
            return .sample(
                alias: alias, options: texts, consumer: consumer, ipv4: source.ip, env: source.env,
                ports: source.ports.map { "\($0.number)/\($0.transport)" })
        }
    }

    @Test(arguments: [1, 20_251_110, 42, 0xfeed] as [UInt64])
    func `every variable is there exactly when the rules say so, in its place`(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let cases = (0..<250).map { _ in Case(&random) }
        let plans = try await LinkLegacyProcess.answers(cases.map(\.request)).map { try $0.get() }
        #expect(plans.count == cases.count)
        for (index, (sample, plan)) in zip(cases, plans).enumerated() {
            let expected = RestatedRules.plan(
                alias: sample.alias, consumer: sample.consumer, source: sample.source, sample.options)
            #expect(Set(plan.names).count == plan.env.count, "seed \(seed), case \(index): a name stands twice")
            let planned = RestatedRules.Expected(
                variables: Dictionary(plan.env.map { ($0.name, $0.value) }) { first, _ in first },
                withheld: plan.withheld, secrets: Set(plan.env.filter { $0.sensitive == true }.map(\.name)))
            #expect(planned == expected, "seed \(seed), case \(index)")
            let places = plan.names.map { name in
                RestatedRules.place(
                    name, alias: sample.alias, ports: sample.source.ports, env: sample.source.env,
                    old: sample.options.isOld)
            }
            let isOrdered = zip(places, places.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
            #expect(isOrdered, "seed \(seed), case \(index): \(plan.names)")
            let warned = sample.options.env == "all" && !expected.secrets.isEmpty
            #expect(plan.warnings.isEmpty != warned, "seed \(seed), case \(index)")
        }
    }

    @Test func `the same request gives the same plan, whatever the order of its sets`() async throws {
        var random = SeededGenerator(state: 7)
        let requests = (0..<50).map { _ in Case(&random).request }
        let shuffled = requests.map { request in
            var request = request
            request.source.exposedPorts.shuffle(using: &random)
            return request
        }
        let first = try await LinkLegacyProcess.answers(requests).map { try $0.get() }
        let second = try await LinkLegacyProcess.answers(shuffled).map { try $0.get() }
        #expect(first == second)
    }
}
