import CLinux
import Glibc

// kenter-copy pack [--follow] | unpack [--place] [--owners] [--read-only-root], with --namespace, --root or --host, and a
// path: copies between that path and a tar archive on standard output or input. See docs/choices.md, "Copying".
signal(SIGPIPE, SIG_DFL)
umask(0)
// Names in extended headers are UTF-8, and must come out as the same bytes. In any other locale the C library would load
// a converter for them, from the container.
guard setlocale(LC_CTYPE, "C.UTF-8") != nil else {
    writeLine("system this host has no locale C.UTF-8: install it")
    exit(1)
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard let verb = arguments.first, let path = arguments.last, arguments.count > 2 else {
    writeLine("invalid usage: kenter-copy pack|unpack --namespace|--root|--host [OPTION...] PATH")
    exit(2)
}
let options = Set(arguments.dropFirst().dropLast())
do throws(CopyRefusal) {
    let reopening = verb == "pack" ? try Reopening() : nil
    let lookup =
        if options.contains("--host") {
            PathLookup.host
        } else if options.contains("--root") {
            try CopyJail.enterRoot()
        } else {
            try CopyJail.enterNamespace()
        }
    if let reopening {
        try ArchivePacker.pack(NamedPath(path), follows: options.contains("--follow"), lookup, reopening)
    } else {
        try ArchiveUnpacker.unpack(to: NamedPath(path), UnpackRules(options), lookup)
    }
} catch {
    writeLine("\(error.kind.rawValue) \(error.text)")
    exit(1)
}
