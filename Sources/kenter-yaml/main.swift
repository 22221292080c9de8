import Glibc
import JSONRPC

// Reads YAML from standard input and writes it as JSON: what `kenter compose` starts for its files, so that no other
// command carries a YAML parser. Every scalar but null is a string, as written: what it means is the reader's to say.

func standardInput(limitBytes: Int) throws(DocumentError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw DocumentError(String(cString: strerror(errno))) }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
        guard bytes.count <= limitBytes else { throw DocumentError("the file is larger than 1 MiB") }
    }
}

do {
    let input = try standardInput(limitBytes: DocumentReader.inputBytesMax)
    print(try DocumentReader.value(of: input).text)
} catch {
    let line = "\(error)\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
}
