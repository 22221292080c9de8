import ChildProcess
import JSONRPC
import KenterClient
import KenterProtocol

struct LinkGraphCommand: Command {
    static let abstract = "Show who is linked to whom, the order of starts, and circles."

    let engine: EngineOptions
    let json: Bool
    let dot: Bool
    let svg: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        json = arguments.flag("json", "Print JSON.")
        dot = arguments.flag("dot", "Print a picture in the language of Graphviz.")
        svg = arguments.flag("svg", "Print a picture as SVG; Graphviz draws it.")
        guard [json, dot, svg].filter({ $0 }).count <= 1 else {
            throw CommandFailure("use one of --json, --dot and --svg", helpCommand: "link graph")
        }
    }

    func run() async throws {
        // Said before anything else is done.
        let graphviz = svg ? try Self.graphviz() : nil
        let client = try await engine.connect()
        let result = try await client.call(LinkGraph.name, JSONObject())
        if json { return Output.line(PrettyJSON.text(.object(result))) }
        let graph: [LinkGraph.Result] = try Listing.decode([.object(result)])
        for graph in graph {
            if let graphviz {
                Output.write(try await Self.draw(LinkDrawing(graph).text, graphviz), to: 1)
            } else {
                Output.write(dot ? LinkDrawing(graph).text : LinkTree(graph).text)
            }
        }
    }

    private static func graphviz() throws(CommandFailure) -> String {
        guard let path = ChildProcess.find("dot") else {
            throw CommandFailure(
                "Graphviz, which draws the picture, is not installed: install it (apt-get install graphviz), "
                    + "or use --dot and draw the picture elsewhere")
        }
        return path
    }

    private static func draw(_ text: String, _ graphviz: String) async throws -> [UInt8] {
        let drawn = try await ChildProcess(graphviz, ["-Tsvg"]).collect(input: Array(text.utf8), limitBytes: 64 << 20)
        guard drawn.status == .exited(0) else {
            throw CommandFailure("\(graphviz) cannot draw the picture: \(drawn.message)")
        }
        return drawn.standardOutput
    }
}
