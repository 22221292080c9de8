import CLinux
import Glibc
import JSONRPC
import KenterClient
import Threads

struct RpcCommand: Command {
    static let abstract = "Talk JSON-RPC to the engine: lines of standard input, or one method."
    static let discussion = """
        Without a method, every line of standard input goes to the engine and every line it answers to standard \
        output, until all is answered. With one, its parameters are name=value for a string and name:=value for \
        JSON, and its result is printed.
        """

    let isListing: Bool
    let engine: EngineOptions
    let method: String?
    let parameters: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        isListing = arguments.flag("list", "List the methods that the engine has.")
        engine = try EngineOptions(&arguments)
        method = arguments.optionalOperand("METHOD")
        parameters = arguments.operands("PARAMETER", atLeast: 0)
    }

    func run() async throws {
        if isListing { return try await list() }
        if let method { return try await call(method) }
        let transport = try EngineTransport.open(engine.address())
        Output.write(transport.received, to: STDOUT_FILENO)
        DetachedThread.start {
            let number = Self.copy(from: STDIN_FILENO, to: transport.writing.number)
            if number != 0 {
                Output.errorLine("kenter: cannot read standard input: \(String(cString: strerror(number)))")
                exit(1)
            }
            transport.finishWriting()
        }
        let number = await DetachedThread.run { Self.copy(from: transport.reading.number, to: STDOUT_FILENO) }
        if number != 0 { throw CommandFailure("the engine went away: \(String(cString: strerror(number)))") }
    }

    /// Returns 0 at the end of what there is to read, else errno.
    private static func copy(from source: Int32, to destination: Int32) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count > 0 {
                Output.write(Array(buffer[..<count]), to: destination)
            } else if count == 0 {
                return 0
            } else if errno != EINTR {
                return errno
            }
        }
    }

    private func list() async throws {
        let document = try await engine.connect().call("rpc.discover", JSONObject())
        var table = Table(["METHOD", "DESCRIPTION"])
        for method in (document["methods"]?.array ?? []).compactMap(\.object) {
            table.add([method["name"]?.string ?? "", method["summary"]?.string ?? ""])
        }
        Output.write(Array(table.text.utf8), to: STDOUT_FILENO)
    }

    private func call(_ method: String) async throws {
        var params = JSONObject()
        for text in parameters {
            let (name, value) = try Self.parameter(text)
            if params[name] != nil { throw CommandFailure("the parameter '\(name)' is given twice") }
            params[name] = value
        }
        let client = try await engine.connect()
        do {
            Output.line(PrettyJSON.line(.object(try await client.call(method, params))))
        } catch let error as RPCError {
            Output.errorLine(PrettyJSON.line(.object(error.json)))
            throw CommandFailure.silent(1)
        }
    }

    /// `name=value` or `name:=json`.
    static func parameter(_ text: String) throws(CommandFailure) -> (String, JSONValue) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw CommandFailure("invalid parameter '\(text)': use name=value for a string, name:=value for JSON")
        }
        let value = text[text.index(after: equals)...]
        guard text[text.index(before: equals)] == ":" else { return (String(text[..<equals]), .string(String(value))) }
        let name = String(text[..<text.index(before: equals)])
        do {
            return (name, try JSONScanner.scan(Array(value.utf8)))
        } catch {
            throw CommandFailure("the value of the parameter '\(name)' is not valid JSON: \(error)")
        }
    }
}
