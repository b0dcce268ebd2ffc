using System.CommandLine;
using System.CommandLine.Parsing;
using Ueq.Cli.Fitting;
using Ueq.Registry;

namespace Ueq.Cli.Commands;

/// <summary>The options and arguments that say which registry, which model of it, and who asks.</summary>
internal sealed class RegistryCall
{
    public const string Variable = "UEQ_REGISTRY";

    private readonly Option<string?> _place = Place();
    private readonly Option<string> _who = new Option<string>("--who") { Description = "Who does this, for the audit log.", DefaultValueFactory = _ => Environment.UserName, HelpName = "NAME" };

    public static Option<string?> Place() => new("--registry") { Description = $"Directory of the registry. [default: the variable {Variable}]", HelpName = "DIR" };

    public void AddTo(Command command) => command.Options.Add(_place);

    /// <summary>For commands that change something.</summary>
    public void AddWithWho(Command command)
    {
        AddTo(command);
        command.Options.Add(_who);
    }

    public string Who(ParseResult call) => call.GetValue(_who)!;

    /// <summary>The registry, which must be there.</summary>
    public ModelRegistry Open(ParseResult call) => Existing(PlaceOf(call.GetValue(_place)));

    /// <summary>The registry, which is made if it is not there.</summary>
    public ModelRegistry OpenOrMake(ParseResult call) => Make(PlaceOf(call.GetValue(_place)));

    public static ModelRegistry Existing(string directory) => ModelRegistry.IsAt(directory)
        ? Make(directory)
        : throw new UsageException($"There is no registry in '{directory}'; ueq models publish and ueq fit --registry make one.");

    public static ModelRegistry Make(string directory) => ModelRegistry.Open(directory, Formats.All, TimeProvider.System);

    public static Argument<ModelReference> Reference() => new("reference")
    {
        Description = "The model as name, name@alias, name:version or name:digest.",
        CustomParser = result =>
        {
            if (ModelReference.TryParse(result.Tokens[0].Value, out ModelReference reference)) return reference;
            result.AddError($"Expected a model as name, name@alias or name:version, got '{result.Tokens[0].Value}'.");
            return default;
        },
    };

    public static Argument<string> Name(string name, string description) => Checked(new Argument<string>(name) { Description = description });

    public static Argument<string?> OptionalName(string name, string description) =>
        Checked(new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne });

    public static Option<string?> NameOption(string option, string description)
    {
        Option<string?> made = new(option) { Description = description, HelpName = "NAME" };
        made.Validators.Add(result => Check(result, option, result.Tokens));
        return made;
    }

    private static void Check(SymbolResult result, string what, IReadOnlyList<Token> tokens)
    {
        foreach (Token token in tokens.Where(token => !ModelReference.IsName(token.Value)))
            result.AddError($"{what}: expected 1 to {ModelReference.LongestName} letters, digits, '.', '_' or '-' that begin with a letter or digit, got '{token.Value}'.");
    }

    /// <summary>The directory that is given, or that the environment names.</summary>
    public static string PlaceOf(string? given) => (given ?? Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 } directory
        ? directory
        : throw new UsageException($"--registry DIR is needed, or the variable {Variable}: the directory of the registry.");

    private static Argument<T> Checked<T>(Argument<T> argument)
    {
        argument.Validators.Add(result => Check(result, argument.Name, result.Tokens));
        return argument;
    }
}
