"""What gensim reads, writes and scores, for gensim_golden_test.cc.

gensim_oracle.py save FOLDER                vectors as text, binary, GloVe, and as npy with words.txt
gensim_oracle.py load FILE text|binary OUT  reads FILE, writes OUT.npy and OUT.words.txt
gensim_oracle.py analogies FILE QUESTIONS RESTRICT OUT [fold] [dummy]   per section: name, correct, answered;
                                                                        fold: case_insensitive, dummy: dummy4unknown
gensim_oracle.py pairs FILE PAIRS RESTRICT OUT [fold] [dummy]   scipy's Spearman and Pearson correlations, per cent unknown
"""

import sys

import numpy as np
from gensim.models import KeyedVectors

WORDS = ["the", "Straße", "don't", "naïve", "東京", "a\u00a0b", "</s>", "0.5", "12", "🙂", "nan", "e\u0301", "-"]


def write_npy(vectors, stem):
    np.save(stem + ".npy", vectors.vectors)
    with open(stem + ".words.txt", "w", encoding="utf-8", newline="\n") as words:
        words.writelines(word + "\n" for word in vectors.index_to_key)


def save(folder):
    random = np.random.default_rng(1)
    vectors = KeyedVectors(vector_size=7)
    values = random.normal(size=(len(WORDS), 7)) * 10.0 ** random.integers(-30, 30, size=(len(WORDS), 7))
    vectors.add_vectors(WORDS, values.astype(np.float32))
    vectors.save_word2vec_format(folder + "/text", binary=False)
    vectors.save_word2vec_format(folder + "/binary", binary=True)
    vectors.save_word2vec_format(folder + "/glove", binary=False, write_header=False)
    write_npy(vectors, folder + "/expected")


def load(path, kind, stem):
    write_npy(KeyedVectors.load_word2vec_format(path, binary=kind == "binary"), stem)


def analogies(path, questions, restrict, out, *options):
    vectors = KeyedVectors.load_word2vec_format(path, binary=True)
    _, sections = vectors.evaluate_word_analogies(
        questions,
        restrict_vocab=int(restrict),
        case_insensitive="fold" in options,
        dummy4unknown="dummy" in options,
    )
    with open(out, "w", encoding="utf-8") as report:
        for section in sections:
            correct, incorrect = len(section["correct"]), len(section["incorrect"])
            report.write(f"{section['section']}\t{correct}\t{correct + incorrect}\n")


def pairs(path, file, restrict, out, *options):
    vectors = KeyedVectors.load_word2vec_format(path, binary=True)
    pearson, spearman, unknown = vectors.evaluate_word_pairs(
        file,
        restrict_vocab=int(restrict),
        case_insensitive="fold" in options,
        dummy4unknown="dummy" in options,
    )
    with open(out, "w", encoding="utf-8") as report:
        report.write(f"{spearman[0]:.17g} {pearson[0]:.17g} {unknown:.17g}")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"save": save, "load": load, "analogies": analogies, "pairs": pairs}[command](*arguments)
