import KenterClient
import KenterProtocol

struct ContainerRestartCommand: Command {
    static let abstract = "Restart containers."

    let engine: EngineOptions
    let time: Int?
    let signal: String?
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        time = try arguments.integer("time", "t", "Seconds to wait before killing.", synonyms: ["timeout"])
        signal = arguments.value("signal", "s", "value", "The signal that is to stop it.")
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        Interruption.tellAtEnd(
            "the engine was told to give up: nothing is killed, and what has ended meanwhile is not started again")
        let request = ContainerRestart(containers: containers, timeoutSeconds: time, signal: signal)
        try Outcomes.show(try await client.call(request), of: containers)
    }
}
