"""tmp"""
from enum import StrEnum
class ServiceArea(StrEnum):
    A="young people"; B="adult"; C="older people"
class Setting(StrEnum):
    A="ward"; B="community"
class ContractKind(StrEnum):
    A="permanent"; B="fixed-term"; C="bank"; D="apprenticeship"
class VacancyStatus(StrEnum):
    A="draft"; B="advertised"; C="closed"; D="withdrawn"
class PswFlag(StrEnum):
    A="yes"; B="no"; C="unknown"
class ConsiderationAnswer(StrEnum):
    A="psw post"; B="open to both"; C="not a psw role"
