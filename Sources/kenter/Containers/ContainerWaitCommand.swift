import KenterClient
import KenterProtocol

struct ContainerWaitCommand: Command {
    static let abstract = "Wait until containers exit and print their exit codes."

    let engine: EngineOptions
    let until: Condition
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        until = try arguments.choice("until", "Wait for another state instead: running or healthy.") ?? .exited
        containers = arguments.operands("CONTAINER")
    }

    enum Condition: String, CaseIterable {
        case exited, running, healthy
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(containers) { name in
            let condition = ContainerWait.Condition(rawValue: until.rawValue)
            let result = try await client.call(ContainerWait(container: name, until: condition))
            Output.line(result.exitCode.map(String.init) ?? result.state.rawValue)
        }
    }
}
