namespace Ueq.Bench.Quality;

/// <summary>The tables of delivered coverage: which data, models and methods, and on how many divisions of the rows.</summary>
internal static class Tables
{
    // Where the model is right more often than 90 %, only a higher level shows what the sets do.
    private const string Harder = "0.99";

    private static readonly string[] _regression = ["split", "jackknife+ab", "bayesian_linear", "bootstrap_mean"];

    public static readonly IReadOnlyDictionary<string, Func<Task<int>>> All = new Dictionary<string, Func<Task<int>>>
    {
        ["bundled"] = () => CoverageTable.MakeAsync("coverage-bundled", Folders.Bundled(),
        [
            new Run("reg-diabetes", ["lightgbm", "linear"], _regression),
            new Run("cls-wine", ["lightgbm", "linear"], ["conformal"]),
            new Run("cls-iris", ["lightgbm", "linear"], ["conformal"]),
            new Run("cls-breast-cancer", ["lightgbm", "linear"], ["conformal"]),
            new Run("cls-digits", ["lightgbm", "linear"], ["conformal"]),
            new Run("cls-breast-cancer", ["lightgbm", "linear"], ["conformal"], Harder),
            new Run("cls-digits", ["lightgbm", "linear"], ["conformal"], Harder),
        ]),
        ["uci"] = () => CoverageTable.MakeAsync("coverage-uci", Folders.Shared(),
        [
            new Run("reg-diabetes", ["lightgbm"], _regression),
            new Run("uci-concrete", ["lightgbm"], _regression),
            new Run("uci-energy", ["lightgbm"], _regression),
            new Run("uci-power", ["lightgbm"], _regression),
            new Run("uci-kin8nm", ["lightgbm"], _regression),
        ]),
        ["streams"] = Streams.StreamsPage.MakeAsync,
        ["online"] = Online.OnlinePage.MakeAsync,
        ["nll"] = () => NllTable.MakeAsync("nll-uci", []),
        ["nll-quick"] = () => NllTable.MakeAsync("nll-quick", ["uci-yacht"], [.. NllMethods.All.Select(method => method.Name)], 2),
        ["drift-null"] = () => Task.FromResult(Monitoring.NullRuns.Make("drift-null")),
        ["drift-null-detectors"] = () => Task.FromResult(Monitoring.NullRuns.Make("drift-null-detectors")),
        ["drift-null-guide"] = () => Task.FromResult(Monitoring.NullRuns.Make("drift-null-guide")),
        ["experiments"] = () => Task.FromResult(Monitoring.ExperimentPage.Make()),
        ["drift-delay"] = () => Monitoring.DelayRuns.Make(),
    };
}

/// <summary>One data set with what is evaluated on it; the standard splits where the folder has them, 20 random divisions elsewhere.</summary>
internal sealed record Run(string Data, string[] Models, string[] Methods, string Coverage = "0.9")
{
    private const string Divisions = "20";

    public string[] Arguments(string folder)
    {
        string place = Path.Combine(folder, Data), train = Path.Combine(place, "splits", "train.txt"), test = Path.Combine(place, "splits", "test.txt");
        string[] rows = File.Exists(train)
            ? ["--train-rows", train, "--test-rows", test, "--split", "all"]
            : ["--repeats", Divisions, "--seed", "1"];
        return ["evaluate", "--data", Path.Combine(place, "data.csv.gz"), "--target", "target", "--model", string.Join(',', Models),
            "--method", string.Join(',', Methods), "--coverage", Coverage, .. rows, "--json"];
    }
}

/// <summary>Where data and results are.</summary>
internal static class Folders
{
    /// <summary>The data sets that come with the repository.</summary>
    public static string Bundled() => Path.Combine(Repository(), "data");

    /// <summary>The larger collection that not everybody has: UEQ_DATA, or shared/data beside the repository.</summary>
    public static string Shared()
    {
        string folder = Environment.GetEnvironmentVariable("UEQ_DATA") ?? Path.Combine(Repository(), "..", "shared", "data");
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : throw new DirectoryNotFoundException($"There is no folder '{folder}'; name it in UEQ_DATA.");
    }

    public static string Results() => Directory.CreateDirectory(Path.Combine(Repository(), "bench", "Quality", "results")).FullName;

    public static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("Run this from within the repository: no folder above has Ueq.slnx.");
    }
}
