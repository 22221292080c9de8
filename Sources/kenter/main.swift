import CLinux
import Glibc
import Threads

let words = Array(CommandLine.arguments.dropFirst())
exit(MainThread.run { await Program.run(words) })
