// The computers have one emulated processor each.
[assembly: NUnit.Framework.LevelOfParallelism(1)]
