import KenterProtocol
import Testing

/// The rules of legacy links once more, said as differently from the plugin's code as they can be: for every variable,
/// the condition under which it must be there.
enum RestatedRules {
    struct Source {
        var ip: String
        var ports: [(number: Int, transport: String)]
        var env: [(name: String, value: String)]
    }

    /// Every variable with its value; nil values cannot occur.
    static func variables(alias: String, consumer: String, source: Source, old: Bool) -> [String: String] {
        var prefix = ""
        for character in alias { prefix += character == "-" ? "_" : String(character).uppercased() }
        var result = ["\(prefix)_NAME": "/" + consumer + "/" + alias]
        for variable in source.env where !["HOME", "PATH"].contains(variable.name) {
            result[prefix + "_ENV_" + variable.name] = variable.value
        }
        func url(_ number: Int, _ transport: String) -> String { transport + "://" + source.ip + ":" + String(number) }
        for (number, transport) in source.ports {
            let name = "\(prefix)_PORT_\(number)_\(transport.uppercased())"
            result[name] = url(number, transport)
            result[name + "_ADDR"] = source.ip
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
        return result
    }

    private static func rank(_ port: (number: Int, transport: String), _ old: Bool) -> [Int] {
        let transport = ["tcp": 0, "sctp": 1, "udp": 2][port.transport] ?? 9
        return old ? [port.number, transport] : [transport, port.number]
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
        var isOld: Bool

        init(_ random: inout SeededGenerator) {
            let letters = "abcXYZ019"
            alias = random.word(of: letters, length: 1...1) + random.word(of: letters + "-._", length: 0...12)
            consumer = random.word(of: letters, length: 1...8)
            isOld = random.below(2) == 0
            let base = [1, 70, 1000, 65_500][random.below(4)]
            var ports: [String: (Int, String)] = [:]
            for _ in 0..<random.below(14) {
                let number = base + random.below(12)
                let transport = ["tcp", "udp", "sctp"][random.below(3)]
                ports["\(number)/\(transport)"] = (number, transport)
            }
            var env: [(String, String)] = []
            for _ in 0..<random.below(6) {
                let name =
                    random.below(6) == 0
                    ? ["HOME", "PATH"][random.below(2)] : random.word(of: "ABab_.-1", length: 1...6)
                if env.contains(where: { $0.0 == name }) { continue }
                env.append((name, random.word(of: "=ab \n\té\"\\", length: 0...8)))
            }
            source = .init(ip: "10.\(random.below(256)).0.\(random.below(256))", ports: Array(ports.values), env: env)
        }

        var request: ProviderLinkPlan {
            .sample(
                alias: alias, options: isOld ? ["rules": "v27"] : [:], consumer: consumer, ipv4: source.ip,
                env: source.env.map { "\($0.name)=\($0.value)" },
                ports: source.ports.map { "\($0.number)/\($0.transport)" })
        }
    }

    @Test(arguments: [1, 20_251_110, 42, 0xfeed] as [UInt64])
    func `every variable is there exactly when the rules say so`(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let cases = (0..<250).map { _ in Case(&random) }
        let plans = try await LinkLegacyProcess.answers(cases.map(\.request)).map { try $0.get() }
        #expect(plans.count == cases.count)
        for (index, (sample, plan)) in zip(cases, plans).enumerated() {
            let expected = RestatedRules.variables(
                alias: sample.alias, consumer: sample.consumer, source: sample.source, old: sample.isOld)
            #expect(Set(plan.names).count == plan.env.count, "seed \(seed), case \(index): a name stands twice")
            let planned = Dictionary(plan.env.map { ($0.name, $0.value) }) { first, _ in first }
            #expect(planned == expected, "seed \(seed), case \(index)")
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
