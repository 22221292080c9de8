struct CompletionCommand: Command {
    static let abstract = "Print the completion script of a shell."
    static let discussion = """
        For bash: source <(kenter completion bash)
        For zsh:  source <(kenter completion zsh)
        For fish: kenter completion fish | source
        """

    let shell: String
    let words: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        let rest = arguments.command("bash|zsh|fish", atLeast: 1)
        shell = rest.first ?? ""
        words = Array(rest.dropFirst())
    }

    func run() async throws {
        switch shell {
        case "bash": Output.write(Self.bash)
        case "zsh": Output.write(Self.zsh)
        case "fish": Output.write(Self.fish)
        // What the scripts call: the words typed so far, and what may follow them, one a line.
        case "words":
            for candidate in await Completion(words).candidates() { Output.line(TerminalText.escaped(candidate)) }
        default: throw CommandFailure("there is no completion for the shell '\(shell)': use bash, zsh or fish")
        }
    }

    private static let bash = """
        _kenter() {
            local IFS=$'\\n'
            COMPREPLY=($(compgen -W "$(kenter completion words "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _kenter kenter

        """

    private static let zsh = """
        _kenter() {
            local -a candidates
            candidates=("${(@f)$(kenter completion words "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
            compadd -a candidates
        }
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
        compdef _kenter kenter

        """

    private static let fish = """
        complete -c kenter -f -a '(kenter completion words (commandline -opc)[2..-1] 2>/dev/null)'

        """
}
