using Ueq.Samples;

// MLNetPipeline [data] [model file]: fits and saves; MLNetPipeline --load [data] [model file]: another process that only loads.
bool load = args is ["--load", ..];
string[] files = load ? args[1..] : args;
string data = files.Length > 0 ? files[0] : "data/reg-diabetes/data.csv.gz";
string model = files.Length > 1 ? files[1] : Path.Combine(Path.GetTempPath(), "calibrated.zip");
if (load) MLNetPipeline.Load(data, model, Console.Out);
else MLNetPipeline.Run(data, model, Console.Out);
