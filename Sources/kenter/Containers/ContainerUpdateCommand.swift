import KenterClient
import KenterProtocol

struct ContainerUpdateCommand: Command {
    static let abstract = "Change the limits and the restart policy of containers."

    let engine: EngineOptions
    let cpus: String?
    let memory: String?
    let pidsLimit: Int64?
    let restart: String?
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        cpus = arguments.value("cpus", "value", "How many processors they may use, such as 1.5 (0: all).")
        memory = arguments.value("memory", "m", "value", "Limit their memory (64m, 1g; 0: no limit).")
        pidsLimit = try arguments.integer(
            "pids-limit", "Limit how many processes and threads they may have (-1: none).")
        restart = arguments.value(
            "restart", "value", "When to start them again: no, on-failure[:count], always or unless-stopped.")
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let request = try request()
        let client = try await engine.connect()
        try Outcomes.show(try await client.call(request), of: containers)
    }

    func request() throws -> ContainerUpdate {
        let resources = Resources(
            memoryBytes: try memory.map { text throws(OptionError) in
                try SizeOption.bytes(text, option: "-m, --memory")
            },
            cpus: try cpus.map { text throws(OptionError) in try ProcessorOption.count(text) }, pids: pidsLimit)
        let policy = try restart.map { text throws(OptionError) in try RestartOption.policy(text) }
        guard resources != Resources() || policy != nil else {
            throw CommandFailure("you must provide one or more flags when using this command")
        }
        return ContainerUpdate(
            containers: containers, resources: resources == Resources() ? nil : resources, restart: policy)
    }
}
