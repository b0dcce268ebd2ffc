using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class WrongCallTests : IDisposable
{
    private readonly Folder _folder = new();

    public WrongCallTests() => _folder.Write("ok.csv", Folder.Line(60));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WithoutArgumentsTheCommandSaysWhatItCan()
    {
        Answer answer = (await UeqCommand.Run()).Succeeds();
        foreach (string command in new[] { "fit", "evaluate", "predict", "calibrate", "drift", "serve" })
        {
            Assert.Contains(command, answer.Output, StringComparison.Ordinal);
            (await UeqCommand.Run(command, "--help")).Succeeds();
        }
    }

    [Theory]
    [InlineData("fitt", "Did you mean 'fit'?")]
    [InlineData("fit", "'--target' is required", "'--output' is required")]
    [InlineData("predict", "'--model-dir' is required")]
    [InlineData("calibrate", "'--calibration' is required")]
    [InlineData("evaluate", "'--data' is required")]
    [InlineData("serve", "--demo", "--model-dir DIR", "--config F.yaml")]
    [InlineData("serve --dmo", "Did you mean '--demo'?")]
    [InlineData("serve --demo --model-dir X", "--demo brings its own model")]
    [InlineData("serve --model-dir nowhere", "There is no directory 'nowhere'")]
    [InlineData("serve --config nowhere.yaml", "there is no file 'nowhere.yaml'")]
    [InlineData("serve --demo --urls nonsense", "--urls: expected one or more addresses", "nonsense")]
    [InlineData("serve --demo --urls https://127.0.0.1:1", "--urls: an address that begins with https:// needs tls.certificate")]
    [InlineData("serve --demo --urls http://127.0.0.1:99999", "99999")]
    [InlineData("serve --demo --urls http://127.0.0.1:5000/path", "/path")]
    [InlineData("serve --demo --urls http://name.invalid:5000", "expected an IP address, localhost or *")]
    [InlineData("serve --demo --urls ;", "expected one address or more")]
    public async Task AWrongCallIsExitCodeTwo(string line, params string[] words) => (await UeqCommand.Run(line.Split(' '))).Fails(2, words);

    [Theory]
    [InlineData("--method jacknife", "expected one of auto, split, bootstrap, jackknife+ab, bayesian_linear, conformal, deep_ensemble, mc_dropout, cross_ensemble", "got 'jacknife'")]
    [InlineData("--model lightgb", "Did you mean 'lightgbm'?")]
    [InlineData("--seed -1", "--seed: expected a whole number from 0", "got '-1'")]
    [InlineData("--seed 1.5", "got '1.5'")]
    [InlineData("--members 1", "from 2 to 4096, got '1'")]
    [InlineData("--members x", "got 'x'")]
    [InlineData("--calibration-share 0", "strictly between 0 and 1, got '0'")]
    [InlineData("--calibration-share 1", "got '1'")]
    [InlineData("--calibration-share nan", "got 'nan'")]
    [InlineData("--calibration-share 0,25", "got '0,25'")]
    [InlineData("--task clasification", "Did you mean 'classification'?")]
    [InlineData("--delimiter ab", "--delimiter: expected one character")]
    [InlineData("--delimiter 7", "--delimiter: expected a character")]
    [InlineData("--member 5", "Did you mean '--members'?")]
    [InlineData("--model none --method split", "--model none goes with --method bayesian_linear")]
    [InlineData("--model linear --method bayesian_linear", "is itself the model")]
    public async Task AWrongOptionOfFitIsSaidBeforeAnythingIsRead(string options, params string[] words)
    {
        (await UeqCommand.Run(["fit", "--data", _folder["ok.csv"], "--target", "y", "--output", _folder["m"], .. options.Split(' ')])).Fails(2, words);
        Assert.Empty(_folder.Others("ok.csv"));
    }

    [Theory]
    [InlineData("--coverage abc", "--coverage: expected a number strictly between 0 and 1, got 'abc'")]
    [InlineData("--coverage 1", "got '1'")]
    [InlineData("--coverage 0.99999999999999999999", "strictly between")]
    [InlineData("--method splt", "Did you mean 'split'?")]
    [InlineData("--model lightgbm,lineer", "got 'lineer'. Did you mean 'linear'?")]
    [InlineData("--method ,", "expected one or more")]
    [InlineData("--test-share abc", "--test-share: expected a number strictly between 0 and 1, got 'abc'")]
    [InlineData("--test-share 0", "got '0'")]
    [InlineData("--repeats 0", "--repeats: expected a whole number from 1")]
    [InlineData("--split 0", "give them too")]
    [InlineData("--model none --method split", "--model none goes with")]
    public async Task AWrongOptionOfEvaluateIsExitCodeTwo(string options, params string[] words) =>
        (await UeqCommand.Run(["evaluate", "--data", _folder["ok.csv"], "--target", "y", .. options.Split(' ')])).Fails(2, words);

    [Fact]
    public async Task PlacesAreCheckedBeforeTheWork()
    {
        string data = _folder["ok.csv"];
        (await UeqCommand.Run("fit", "--data", _folder["no.csv"], "--target", "y", "--output", _folder["m"])).Fails(2, "there is no file", "no.csv");
        (await UeqCommand.Run("fit", "--data", _folder.Root, "--target", "y", "--output", _folder["m"])).Fails(2, "is a directory");
        (await UeqCommand.Run("fit", "--data", "", "--target", "y", "--output", _folder["m"])).Fails(2, "expected a file, got nothing");
        (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", "")).Fails(2, "expected a directory, got nothing");
        (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", Path.Combine(data, "m"))).Fails(2, "which is a file");
        (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", _folder.Root)).Fails(1, "is not empty and holds no model version");
        (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", data)).Fails(1, "is a file; expected a new directory");
        (await UeqCommand.Run("calibrate", "--calibration", data, "--input", data, "--output", _folder["no/x.csv"])).Fails(2, "there is no directory");
        (await UeqCommand.Run("calibrate", "--calibration", data, "--input", data, "--output", _folder.Root)).Fails(2, "is a directory");
        if (Directory.Exists("/proc/self"))
            (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", "/proc/none")).Fails(1, "nothing can be written in '/proc'");
        Assert.Empty(_folder.Others("ok.csv"));
    }

    [Theory]
    [InlineData("", "got an empty file")]
    [InlineData("x1,x2,y\n", "expected rows after the header")]
    [InlineData("x1,x2,y\n1,2,3\n", "Expected 2 rows or more")]
    [InlineData("y\n1\n2.5\n3\n", "no column beside the target")]
    [InlineData("x1,y\n1,2\n3\n", "line 3: expected 2 fields")]
    [InlineData("x1,y\n1,2.5\nNaN,3\n2,4\n", "line 3, column 'x1'", "declare it (--missing)")]
    [InlineData("x1,y\n1,2.5\n2,NaN\n2,4\n", "line 3, column 'y'", "the target may not be missing")]
    [InlineData("x1,y\n1,2.5\n1e300,3\n2,4\n", "line 3, column 'x1'", "got '1e300'")]
    [InlineData("x1;y\n1;2\n3;4\n", "set --delimiter to it")]
    [InlineData("x1,Y\n1,2.5\n2,3\n", "there is no target column 'y'. Did you mean 'Y'?")]
    [InlineData("x1,y\n1,cat\n2,cat\n", "expected two classes or more")]
    [InlineData("x1,x1,y\n1,1,cat\n2,2,cat\n", "twice")]
    public async Task AFileThatCannotBeLearnedFromIsExitCodeOne(string text, params string[] words)
    {
        string data = _folder.Write("bad.csv", text);
        (await UeqCommand.Run("fit", "--data", data, "--target", "y", "--output", _folder["m"], "--members", "3")).Fails(1, words);
        (await UeqCommand.Run("evaluate", "--data", data, "--target", "y", "--members", "3", "--json")).Fails(1, []);
        Assert.Empty(_folder.Others("ok.csv", "bad.csv"));
    }

    [Fact]
    public async Task AGzipFileThatWasCutShortIsRefused() =>
        (await UeqCommand.Run("fit", "--data", _folder.WriteHalfOfGzip("cut.csv.gz", Folder.Line(500)), "--target", "y", "--output", _folder["m"]))
            .Fails(1, "the gzip file is damaged or cut short");

    [Theory]
    [InlineData("batch_sise: 5\n", "F.yaml:1", "did you mean \"batch_size\"")]
    [InlineData("a: [1\n", "F.yaml:2")]
    [InlineData("batch_size: x\n", "batch_size: expected a whole number")]
    [InlineData("- a\n", "expected keys and values")]
    [InlineData("batch_size: 1\nbatch_size: 2\n", "F.yaml:2")]
    [InlineData("", "Nothing to serve")]
    public async Task AWrongConfigurationIsExitCodeTwo(string yaml, params string[] words) =>
        (await UeqCommand.Run("serve", "--config", _folder.Write("F.yaml", yaml))).Fails(2, words);
}
