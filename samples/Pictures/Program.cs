using Ueq.Samples;

Pictures.Run(args is [{ } file, ..] ? file : "data/reg-diabetes/data.csv.gz", args is [_, { } directory] ? directory : "pictures", Console.Out);
