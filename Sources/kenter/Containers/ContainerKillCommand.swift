import KenterClient
import KenterProtocol

struct ContainerKillCommand: Command {
    static let abstract = "Send containers a signal."

    let engine: EngineOptions
    let signal: String?
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        signal = arguments.value("signal", "s", "value", "The signal (default: KILL).")
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        let outcomes = try await client.call(ContainerKill(containers: containers, signal: signal))
        try Outcomes.show(outcomes, of: containers)
    }
}
