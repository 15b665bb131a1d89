"""The command line: parse, edit the documents, run the pipeline, report. The only room that talks to a terminal."""
